import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readBundle } from '../../bench-harness/bundle/read-bundle.ts'
import { verifyBundle } from '../../bench-harness/bundle/verify-bundle.ts'
import { imbalanceOf } from '../../bench-harness/ledger/ledger.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { neverSpeaking } from './parts/hostile-servers.ts'
import { bundleOf, startBench } from './parts/run-bench.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe.concurrent('a run that cannot begin says why', () => {
  const faults: [claim: string, words: readonly string[], exitCode: number, says: string[]][] = [
    ['an unknown flag', ['--conections', '5'], 2, ['--conections']],
    ['no number', ['-n', 'many'], 2, ['whole number']],
    ['an unknown scenario', ['--scenario', 'hodl'], 2, ['hodl', 'hold', 'echo', 'broadcast']],
    [
      'an unknown option of a scenario',
      ['--scenario', 'chat', '--set', 'rat=1'],
      2,
      ['rat=1', 'rate', 'members'],
    ],
    ['a time that is none', ['--timeout', 'soon'], 2, ['--timeout', '30s']],
    ['an objective that is none', ['--slo', 'fast'], 2, ['fast', 'p99<50ms']],
    ['an address that is none', ['--target', 'localhost'], 2, ['ws://']],
    ['a name that nobody has', ['--target', 'ws://nobody.invalid'], 13, ['nobody.invalid']],
  ]
  it.each(faults)('%s', async (_claim, words, exitCode, says) => {
    const bench = startBench(words, { atEnd: () => undefined })
    expect(await bench.exitCode()).toBe(exitCode)
    for (const text of says) expect(bench.stderr).toContain(text)
    expect(bench.stderr).not.toMatch(/^ +at /m)
  })

  it('a port where nothing listens', async ({ onTestFinished }) => {
    const port = await freePort()
    const words = ['--target', `ws://127.0.0.1:${port}`, '--scenario', 'hold']
    const bench = startBench(words, { atEnd: onTestFinished })
    expect(await bench.exitCode()).toBe(13)
    expect(bench.stderr).toContain(`nothing answers at 127.0.0.1:${port}`)
    expect(bench.lines).toEqual([])
  })
})

/** As a shell that becomes the program. */
const fewDescriptors = ['sh', '-c', 'ulimit -n 200; exec "$@"', 'sh']

describe.concurrent('a run', () => {
  const words = [
    '--scenario',
    'hold',
    '--duration',
    '1s',
    '--settle',
    '0s',
    '--overloaded-max',
    '1',
  ]

  it('with 200 descriptors to a process takes more processes', async ({ onTestFinished }) => {
    const server = await neverSpeaking()
    onTestFinished(() => server.close())
    const target = ['--target', `ws://127.0.0.1:${server.port}`, '--dialect', 'plain']
    const bench = startBench([...target, ...words, '-n', '300', '--rate', '300'], {
      within: fewDescriptors,
      atEnd: onTestFinished,
    })
    expect(await bench.untilResult()).toMatchObject({
      verdict: 'pass',
      ledger: { scheduled: 300, ready: 300, failed: {}, balanced: true },
    })
  })

  it('that may not take more processes names what ran out, and goes on with the rest', async ({
    onTestFinished,
  }) => {
    const server = await neverSpeaking()
    onTestFinished(() => server.close())
    const hosts = join(temporaryDirectory(onTestFinished), 'hosts.txt')
    writeFileSync(hosts, 'localhost workers=1\n')
    const target = ['--target', `ws://127.0.0.1:${server.port}`, '--dialect', 'plain']
    const count = ['--clients', hosts, '-n', '300', '--rate', '300']
    const bench = startBench([...target, ...words, ...count], {
      within: fewDescriptors,
      atEnd: onTestFinished,
    })
    const result = await bench.untilResult()
    const { emfile = 0, ...others } = result.ledger.failed
    expect(others).toEqual({})
    expect(emfile).toBeGreaterThan(100)
    expect(result.ledger).toMatchObject({ scheduled: 300, ready: 300 - emfile, balanced: true })
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 10 })
    expect(result.reasons.join()).toContain('emfile')
    expect(bench.seconds.filter(({ ledger }) => imbalanceOf(ledger) !== 0)).toEqual([])
  })

  it('can be worked out again from what it kept, and a changed second is found', async ({
    onTestFinished,
  }) => {
    const bench = startBench([...words, '-n', '20', '--scenario', 'echo'], {
      atEnd: onTestFinished,
    })
    await bench.untilResult()
    const kept = readBundle(bundleOf(bench))
    expect(verifyBundle(kept)).toEqual([])
    const seconds = kept.seconds.map((second, index) =>
      index === 1
        ? { ...second, counters: { ...second.counters, sent: second.counters.sent + 1 } }
        : second,
    )
    expect(verifyBundle({ ...kept, seconds }).map(({ figure }) => figure)).toContain(
      'messages.sent',
    )
  })
})
