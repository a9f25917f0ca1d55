import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { readBundle } from '../../bench-harness/bundle/read-bundle.ts'
import { verifyBundle } from '../../bench-harness/bundle/verify-bundle.ts'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { makeBoxes, tryBoxes } from './parts/boxes.ts'
import { startBench } from './parts/run-bench.ts'

beforeAll(() => {
  const missing = tryBoxes()
  if (missing !== undefined) throw new Error(missing)
})

const limits =
  '{ commandsPerSecond: 1e6, commandsBurst: 1e6, publishesPerSecond: 1e6, publishesBurst: 1e6 }'

test('three boxes over ssh hold their sessions, talk, and lose nothing', async () => {
  const boxes = await makeBoxes(3)
  const server = await serve({
    directory: temporaryDirectory(),
    config: `{ host: '0.0.0.0', limits: ${limits} }`,
  })
  const folder = temporaryDirectory()
  const hosts = join(folder, 'hosts.txt')
  writeFileSync(hosts, `# three\n${boxes.names.map((name) => `${name}\n`).join('')}`)
  const out = join(folder, 'run')
  const bench = startBench([
    ...['--target', `ws://${boxes.ownAddress}:${server.port}`, '--clients', hosts],
    ...['--ssh-config', boxes.sshWords[1] ?? '', '--out', out],
    ...['--scenario', 'chat', '--set', 'rate=0.2', '-n', '600', '--rate', '200'],
    ...['--duration', '8s', '--settle', '1s', '--overloaded-max', '1'],
  ])
  const result = await bench.untilResult()
  expect(result).toMatchObject({ verdict: 'pass', exitCode: 0 })
  expect(result.ledger).toMatchObject({ ready: 600, closed: 600, failed: {}, balanced: true })
  expect(result.history).toMatchObject({ checked: 'full', lost: 0, duplicated: 0, gaps: 0 })
  const bundle = readBundle(out)
  expect(bundle.environment.hosts.map(({ name }) => name)).toEqual(boxes.names)
  expect(bundle.seconds.at(-1)?.hosts.map(({ workers }) => workers)).toEqual([1, 1, 1])
  expect(verifyBundle(bundle)).toEqual([])
  const keep = process.env['RUSHER_KEEP_RUN']
  if (keep !== undefined) cpSync(out, keep, { recursive: true })
})
