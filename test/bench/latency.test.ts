import { describe, expect, it } from 'vitest'
import type { AtEnd } from '../parts/serve.ts'
import { broadcasting } from './parts/broadcasting.ts'
import {
  doublingEcho,
  type HostileServer,
  losingEcho,
  reorderingEcho,
  stallingEcho,
} from './parts/hostile-servers.ts'
import { type RunningBench, startBench } from './parts/run-bench.ts'

/** Side by side they keep each other waiting for a processor, which is not what is judged here. */
const common = ['--dialect', 'plain', '--settle', '1s', '--timeout', '2s', '--overloaded-max', '1']

interface Side {
  readonly onTestFinished: AtEnd
}

async function run(
  starting: Promise<HostileServer>,
  words: readonly string[],
  { onTestFinished }: Side,
): Promise<RunningBench> {
  const server = await starting
  onTestFinished(() => server.close())
  const target = ['--target', `ws://127.0.0.1:${server.port}`]
  const bench = startBench([...target, ...common, ...words], { atEnd: onTestFinished })
  await bench.untilResult()
  return bench
}

const echo = ['--scenario', 'echo', '--set', 'rate=100', '-n', '10']

describe.concurrent('an echo', () => {
  it('of a server that stands still for 1 s in 10 is late by the schedule, though hardly one answer was slow', async (side) => {
    const bench = await run(stallingEcho(1_000, 10_000), [...echo, '--duration', '20s'], side)
    const { latency, messages } = bench.result ?? {}
    // 100 messages a second from 0 to 1,000 ms late are the slowest 10 % of all: the slowest 1 % waited above 900 ms.
    expect(latency?.echo?.p99).toBeGreaterThan(500)
    expect(latency?.echo?.max).toBeLessThan(10_000)
    expect(latency?.service?.p50).toBeLessThan(latency?.echo?.p99 ?? 0)
    expect(messages).toMatchObject({ missing: 0, duplicated: 0 })
  })

  it('that loses every hundredth message fails, and each is counted', async (side) => {
    const bench = await run(losingEcho(100), [...echo, '--duration', '4s'], side)
    const { messages, history, latency } = bench.result ?? {}
    expect(bench.result).toMatchObject({ verdict: 'fail', exitCode: 10 })
    expect(messages?.unanswered).toBeGreaterThanOrEqual(4)
    expect(messages?.sent).toBe((messages?.acknowledged ?? 0) + (messages?.unanswered ?? 0))
    expect(history).toMatchObject({ lost: 0, unanswered: messages?.unanswered })
    expect(latency?.echo?.unanswered).toBe(messages?.unanswered)
  })

  it('that answers some twice fails', async (side) => {
    const bench = await run(doublingEcho(50), [...echo, '--duration', '3s'], side)
    expect(bench.result).toMatchObject({ verdict: 'fail', exitCode: 10, messages: { missing: 0 } })
    expect(bench.result?.history.duplicated).toBeGreaterThan(0)
  })

  it('that answers in another order is no fault, since nobody promised one', async (side) => {
    const bench = await run(reorderingEcho(10), [...echo, '--duration', '3s'], side)
    expect(bench.result?.messages).toMatchObject({ duplicated: 0, disordered: 0 })
  })
})

describe.concurrent('a broadcast', () => {
  const words = ['--scenario', 'broadcast', '--set', 'rate=50', '-n', '5', '--duration', '3s']

  it('that is whole and in order passes', async (side) => {
    const bench = await run(broadcasting('well'), words, side)
    expect(bench.result).toMatchObject({ verdict: 'pass', exitCode: 0 })
    expect(bench.result?.messages.delivered).toBe(5 * (bench.result?.messages.sent ?? 0))
  })

  it('that gives some twice fails', async (side) => {
    const bench = await run(broadcasting('some twice'), words, side)
    expect(bench.result).toMatchObject({ verdict: 'fail', exitCode: 10 })
    expect(bench.result?.history).toMatchObject({ lost: 0, disordered: 0 })
    expect(bench.result?.history.duplicated).toBeGreaterThan(0)
  })

  it('that gives some late fails', async (side) => {
    const bench = await run(broadcasting('some late'), words, side)
    expect(bench.result).toMatchObject({ verdict: 'fail', exitCode: 10 })
    expect(bench.result?.history).toMatchObject({ duplicated: 0, lost: 0 })
    expect(bench.result?.history.disordered).toBeGreaterThan(0)
  })

  it('that keeps some from one member fails, and each is counted once', async (side) => {
    const bench = await run(broadcasting('some not to all'), words, side)
    expect(bench.result).toMatchObject({ verdict: 'fail', exitCode: 10 })
    const { messages, history } = bench.result ?? {}
    const expected = 5 * (messages?.sent ?? 0) - (messages?.delivered ?? 0)
    expect(expected).toBeGreaterThan(0)
    expect(history).toMatchObject({ lost: expected, duplicated: 0, disordered: 0 })
  })
})
