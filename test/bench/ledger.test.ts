import { describe, expect, it } from 'vitest'
import { imbalanceOf } from '../../bench-harness/ledger/ledger.ts'
import type { AtEnd } from '../parts/serve.ts'
import {
  closingAfter,
  drippingUpgrade,
  forbiddenFrames,
  fragmentedText,
  type HostileServer,
  neverAccepting,
  neverSpeaking,
  neverUpgrading,
  refusingEvery,
  resettingAfterUpgrade,
  resettingBeforeUpgrade,
  sendingBytes,
  upgradingWithFirstFrame,
  wronglyAccepting,
} from './parts/hostile-servers.ts'
import { type RunningBench, startBench } from './parts/run-bench.ts'

interface Side {
  readonly onTestFinished: AtEnd
}

/** Side by side they keep each other waiting for a processor, which is not what is judged here. */
const quick = ['--duration', '1s', '--settle', '0s', '--timeout', '5s', '--overloaded-max', '1']

async function start(
  starting: readonly Promise<HostileServer>[],
  { onTestFinished }: Side,
): Promise<readonly HostileServer[]> {
  const servers = await Promise.all(starting)
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.close()))
  })
  return servers
}

/** A run of `hold` that has ended. Connections take turns with the servers. */
async function hold(
  servers: readonly HostileServer[],
  connections: number,
  { onTestFinished }: Side,
  words: readonly string[] = ['--dialect', 'plain'],
): Promise<RunningBench> {
  const urls = servers.map(({ port }) => `ws://127.0.0.1:${port}`)
  const target = ['--target', urls.join(), '-n', String(connections), '--rate', '500']
  const bench = startBench([...target, '--scenario', 'hold', ...quick, ...words], {
    atEnd: onTestFinished,
  })
  await bench.untilResult()
  return bench
}

/** Every second that was printed has each attempt in exactly one place. */
function expectBalance({ seconds, result }: RunningBench): void {
  expect(seconds.length).toBeGreaterThan(0)
  expect(seconds.filter(({ ledger }) => imbalanceOf(ledger) !== 0)).toEqual([])
  expect(result?.ledger.balanced).toBe(true)
}

describe.concurrent('the books of a run', () => {
  it('of a server that never accepts have TCP connections, and not one that is ready', async (side) => {
    const bench = await hold(await start([neverAccepting(4_096)], side), 1_000, side)
    expect(bench.result).toMatchObject({
      verdict: 'fail',
      exitCode: 10,
      ledger: { scheduled: 1_000, tcp: 1_000, ws: 0, ready: 0 },
      peak: { ready: 0, alive: 0 },
    })
    expect(bench.result?.ledger.failed).toEqual({ upgrade_timeout: 1_000 })
    expect(await bench.exitCode()).toBe(10)
    expectBalance(bench)
  })

  it('name what ended each connection, of seven servers that each do another thing wrong', async (side) => {
    const bad = [
      neverUpgrading(),
      resettingBeforeUpgrade(),
      wronglyAccepting(),
      resettingAfterUpgrade(),
      closingAfter(1_013, 0),
      sendingBytes(forbiddenFrames['a masked frame'] ?? Buffer.of()),
      sendingBytes(Buffer.of(0x88, 2, 0x03, 0xe9)),
    ]
    const bench = await hold(await start(bad, side), 350, side)
    const { result } = bench
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 10, ledger: { scheduled: 350 } })
    expect(result?.ledger.failed).toEqual({
      upgrade_timeout: 50,
      reset_before_upgrade: 50,
      bad_accept: 50,
      reset: 50,
      closed_1013: 50,
      protocol: 50,
      closed_1001: 50,
    })
    expect(result?.ledger.ws).toBe(200)
    expect(result?.examples.find(({ cause }) => cause === 'protocol')?.raw).toBe(
      'a frame of the server is masked',
    )
    expectBalance(bench)
  })

  it('count what is refused with 503, and the others are ready', async (side) => {
    const [server] = await start([refusingEvery(10)], side)
    const bench = await hold(server === undefined ? [] : [server], 200, side)
    const { failed, ready = 0, closed } = bench.result?.ledger ?? {}
    const refused = failed?.['http_503'] ?? 0
    expect(failed).toEqual({ http_503: refused })
    // A few connections of the probe are asked for too, and may be among the refused.
    expect(server?.counts.refused).toBe(20)
    expect(refused).toBeGreaterThanOrEqual(15)
    expect(refused).toBeLessThanOrEqual(20)
    expect([ready, closed]).toEqual([200 - refused, 200 - refused])
    expect(bench.result).toMatchObject({ verdict: 'fail', exitCode: 10 })
    expect(bench.result?.examples[0]?.raw).toContain('503 Service Unavailable')
    expectBalance(bench)
  })

  it('fail a server that takes everybody and loses them while it is measured', async (side) => {
    const words = ['--dialect', 'plain', '--duration', '6s']
    const bench = await hold(await start([closingAfter(1_011, 4_000)], side), 50, side, words)
    expect(bench.result).toMatchObject({
      verdict: 'fail',
      exitCode: 10,
      ledger: { ready: 50, lost: 50 },
      peak: { held: 0 },
    })
    expect(bench.result?.ledger.failed).toEqual({ closed_1011: 50 })
    expectBalance(bench)
  })

  it('say that a server that should be a Rusher never said hello', async (side) => {
    const bench = await hold(await start([neverSpeaking()], side), 100, side, [])
    expect(bench.result).toMatchObject({ verdict: 'fail', ledger: { ws: 100, ready: 0 } })
    expect(bench.result?.ledger.failed).toEqual({ ready_timeout: 100 })
    expectBalance(bench)
  })

  it('have no fault of a server that does what is rare and allowed', async (side) => {
    const rare = [
      drippingUpgrade('late'),
      upgradingWithFirstFrame('early'),
      sendingBytes(fragmentedText),
    ]
    const bench = await hold(await start(rare, side), 300, side)
    expect(bench.result).toMatchObject({
      verdict: 'pass',
      exitCode: 0,
      ledger: { scheduled: 300, ready: 300, closed: 300 },
      peak: { ready: 300, alive: 300 },
    })
    expect(bench.result?.ledger.failed).toEqual({})
    expectBalance(bench)
  })
})
