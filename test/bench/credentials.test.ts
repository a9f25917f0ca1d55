import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { type AtEnd, serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { secret, signToken } from '../parts/tokens.ts'
import { bundleOf, type RunningBench, startBench } from './parts/run-bench.ts'
import { selfSigned } from './parts/self-signed.ts'

/** A WebSocket server, and the upgrade requests that it got. */
async function listen(
  server: Server,
  onTestFinished: AtEnd,
): Promise<{ readonly port: number; readonly requests: readonly IncomingMessage[] }> {
  const requests: IncomingMessage[] = []
  new WebSocketServer({ server }).on('connection', (_, request) => requests.push(request))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, requests }
}

function run(words: readonly string[], onTestFinished: AtEnd): RunningBench {
  const short = ['--dialect', 'plain', '-n', '4', '--duration', '1s', '--settle', '0s']
  return startBench([...words, ...short], { atEnd: onTestFinished })
}

function tokensFile(lines: readonly string[], onTestFinished: AtEnd): string {
  const file = join(temporaryDirectory(onTestFinished), 'tokens.txt')
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

describe.concurrent('the connections of a run', () => {
  it('have the typed host, their own headers and tokens, and no copy of them in the run', async ({
    onTestFinished,
  }) => {
    const { port, requests } = await listen(createHttpServer(), onTestFinished)
    const tokens = tokensFile(['first-secret', 'second-secret'], onTestFinished)
    const bench = run(
      [
        ...['--target', `ws://localhost:${port}/live?auth={token}`],
        ...['-H', 'Cookie: sid={token}; n={i}', '-H', 'Origin: https://app.example'],
        ...['--tokens', tokens],
      ],
      onTestFinished,
    )
    expect((await bench.untilResult()).ledger).toMatchObject({ ready: 4 })
    expect(new Set(requests.map(({ headers }) => headers.host))).toEqual(
      new Set([`localhost:${port}`]),
    )
    const cookies = requests.map(({ headers }) => headers.cookie).sort()
    expect(cookies).toEqual(
      expect.arrayContaining([
        'sid=first-secret; n=0',
        'sid=second-secret; n=1',
        'sid=first-secret; n=2',
        'sid=second-secret; n=3',
      ]),
    )
    expect(requests.every(({ headers }) => headers.origin === 'https://app.example')).toBe(true)
    expect(new Set(requests.map(({ url }) => url))).toEqual(
      new Set(['/live?auth=first-secret', '/live?auth=second-secret']),
    )
    for (const file of ['plan.json', 'environment.json', 'result.json', 'report.html'])
      expect(readFileSync(join(bundleOf(bench), file), 'utf8')).not.toContain('-secret')
  })

  it('use TLS for wss://, and refuse a self-signed certificate without --insecure', async ({
    onTestFinished,
  }) => {
    const { port, requests } = await listen(createTlsServer(selfSigned), onTestFinished)
    const target = ['--target', `wss://localhost:${port}/`]
    const refused = await run(target, onTestFinished).untilResult()
    expect(refused.ledger.failed).toEqual({ tls: 4 })
    expect(requests).toEqual([])
    const taken = await run([...target, '--insecure'], onTestFinished).untilResult()
    expect(taken.ledger).toMatchObject({ ready: 4, failed: {} })
  })

  it('are who their tokens say, to a server that checks tokens', async ({ onTestFinished }) => {
    const server = await serve({
      directory: temporaryDirectory(onTestFinished),
      atEnd: onTestFinished,
      environment: { RUSHER_TOKEN_SECRET: secret },
    })
    const target = ['--target', server.url.replace('http', 'ws'), '--scenario', 'hold', '-n', '2']
    const short = [...target, '--duration', '1s', '--settle', '0s']
    const lines = await Promise.all(['ann', 'bob'].map((user) => signToken({ user })))
    const tokens = ['--tokens', tokensFile(lines, onTestFinished)]
    const without = startBench(short, { atEnd: onTestFinished })
    expect((await without.untilResult()).ledger.ready).toBe(0)
    const result = await startBench([...short, ...tokens], { atEnd: onTestFinished }).untilResult()
    expect(result.ledger).toMatchObject({ scheduled: 2, ready: 2 })
  })
})

describe.concurrent('a run is refused with one line', () => {
  const refused: [claim: string, words: readonly string[], says: string][] = [
    ['for a header without a name', ['-H', 'secret-value'], "write it as 'Name: value'"],
    ['for a header of the handshake', ['-H', 'Upgrade: h2c'], 'belongs to the WebSocket handshake'],
    ['for a tokens file that is not there', ['--tokens', 'nowhere.txt'], 'cannot read the tokens'],
  ]
  it.each(refused)('%s', async (_, words, says) => {
    const bench = startBench(words, { atEnd: () => undefined })
    expect(await bench.exitCode()).toBe(2)
    expect(bench.stderr.trim().split('\n')).toHaveLength(1)
    expect(bench.stderr).toContain(says)
  })
})
