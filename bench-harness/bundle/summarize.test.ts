import { describe, expect, it } from 'vitest'
import { type Counters, noCounters } from '../control/messages.ts'
import { createHistogram, type EncodedHistogram } from '../histogram/histogram.ts'
import { emptyLedger, type Ledger } from '../ledger/ledger.ts'
import { defaultHealth, type Plan } from '../plan/plan.ts'
import { parseSlo } from '../plan/slo.ts'
import type { HistoryVerdict, Second, ServerSecond } from './bundle.ts'
import { judge } from './judge.ts'
import { summarize } from './summarize.ts'

const plan: Plan = {
  v: 1,
  run: 'r1',
  seed: 1,
  scenario: { name: 'hold', options: {} },
  target: { urls: ['ws://10.0.0.1:7000/'], dialect: 'rusher', own: false },
  connections: 1_000,
  arrivalsPerSecond: 100,
  arrivals: 'constant',
  durations: { primeMs: 0, settleMs: 0, measureMs: 60_000 },
  timeouts: { connectMs: 5_000, upgradeMs: 5_000, readyMs: 5_000, keepaliveMs: 25_000 },
  slo: [],
  health: defaultHealth,
}

const clean: HistoryVerdict = {
  checked: 'full',
  publishes: 10,
  deliveries: 100,
  lost: 0,
  unanswered: 0,
  duplicated: 0,
  gaps: 0,
  disordered: 0,
  faults: [],
}

function times(count: number, ms: number): EncodedHistogram {
  const histogram = createHistogram()
  for (let sample = 0; sample < count; sample += 1) histogram.record(ms)
  return histogram.encode()
}

/** Books of `ready` connections, of `scheduled` that were due; what is neither ready nor failed is in `tcp`. */
function books(scheduled: number, ready: number, failed: Ledger['failed'] = {}): Ledger {
  const ended = Object.values(failed).reduce<number>((sum, count) => sum + (count ?? 0), 0)
  return {
    ...emptyLedger,
    scheduled,
    reached: { socket: scheduled, tcp: scheduled, ws: ready, ready },
    now: { ...emptyLedger.now, tcp: scheduled - ready - ended, ready },
    alive: ready,
    failed,
  }
}

function second(t: number, ledger: Ledger, more: Partial<Second> = {}): Second {
  return {
    t,
    phase: 'measure',
    planned: 1_000,
    ledger,
    counters: noCounters,
    histograms: {},
    hosts: [],
    overloaded: [],
    noisy: [],
    ...more,
  }
}

const seconds = (count: number, more: Partial<Second> = {}, ledger = books(1_000, 1_000)) =>
  Array.from({ length: count }, (_, t) => second(t, ledger, more))

describe('summarize', () => {
  it('makes zeros of no seconds at all', () => {
    const { ledger, peak, latency, rates, server } = summarize(plan, [])
    expect({ ledger, peak, latency, rates, server }).toEqual({
      ledger: {
        scheduled: 0,
        tcp: 0,
        ws: 0,
        ready: 0,
        closed: 0,
        lost: 0,
        failed: {},
        balanced: true,
      },
      peak: { ready: 0, alive: 0 },
      latency: {},
      rates: { sent: 0, delivered: 0 },
    })
  })

  it('takes the books of the last second, and finds the one second that does not balance', () => {
    const wrong = { ...books(600, 500), closed: 1 }
    const found = summarize(plan, [
      second(0, wrong),
      second(1, books(1_000, 990, { refused: 10 })),
    ]).ledger
    expect(found).toMatchObject({ scheduled: 1_000, tcp: 1_000, ready: 990, balanced: false })
    expect(found.failed).toEqual({ refused: 10 })
  })

  it('sets beside the peak what server and kernel counted in that same second', () => {
    const told = (sessions: number): ServerSecond => ({ sessions, kernel: sessions + 1 })
    const { peak } = summarize(plan, [
      second(0, books(1_000, 900), { server: told(900) }),
      second(1, books(1_000, 1_000)),
      second(2, books(1_000, 1_000), { server: told(998) }),
      second(3, books(1_000, 800), { server: told(1_200) }),
    ])
    expect(peak).toMatchObject({ ready: 1_000, alive: 1_000, server: 998, kernel: 999 })
  })

  it('counts as Tsung does: users that have not ended, sockets that are open', () => {
    expect(summarize(plan, [second(0, books(1_000, 0, { refused: 100 }))]).tsung).toEqual({
      users: 900,
      connected: 900,
    })
  })

  it('takes connecting from the whole run, and the rest from measure only', () => {
    const histograms = { tcp: times(100, 1), echo: times(100, 5) }
    const { latency } = summarize(plan, [
      ...seconds(1, { phase: 'ramp', histograms }),
      ...seconds(2, { histograms }),
    ])
    expect(latency.tcp?.n).toBe(300)
    expect(latency.echo?.n).toBe(200)
    expect(latency.delivery).toBeUndefined()
  })

  it('sums messages of the whole run, and makes rates of the measured seconds', () => {
    const counters: Counters = { ...noCounters, sent: 10, delivered: 40 }
    const { messages, rates } = summarize(plan, [
      ...seconds(2, { phase: 'settle', counters }),
      ...seconds(4, { counters }),
    ])
    expect(messages).toMatchObject({ sent: 60, delivered: 240 })
    expect(rates).toEqual({ sent: 10, delivered: 40 })
  })

  it('counts overloaded seconds of measure, and keeps the worst of each reason', () => {
    const { health } = summarize(plan, [
      ...seconds(1, { phase: 'ramp', overloaded: ['a worker 1: sent 990 ms late (p99)'] }),
      ...seconds(2),
      ...seconds(1, { overloaded: ['a worker 1: sent 870 ms late (p99)'] }),
      ...seconds(1, { overloaded: ['a worker 1: sent 930 ms late (p99)', 'b: slow'] }),
    ])
    expect(health).toEqual({
      seconds: 4,
      overloaded: 2,
      reasons: ['a worker 1: sent 930 ms late (p99)', 'b: slow'],
      noisy: 0,
      noise: [],
    })
  })

  it('has late answers and waits that did not end in the percentiles of measure', () => {
    const late = createHistogram()
    late.record(3_000)
    late.recordOpen(9_000, 20)
    const { latency } = summarize(plan, [
      ...seconds(1, { phase: 'settle', histograms: { echo: times(100, 700) } }),
      ...seconds(1, { histograms: { echo: times(979, 5) } }),
      ...seconds(1, { phase: 'drain', held: 1_000, histograms: { echo: late.encode() } }),
    ])
    expect(latency.echo).toMatchObject({ n: 1_000, unanswered: 20, atLeast: ['p99', 'max'] })
    expect(latency.echo?.p50).toBeLessThan(6)
    expect(latency.echo?.p99).toBeGreaterThanOrEqual(9_000)
  })

  it('takes from the workers what was held, also a session that came back after measure', () => {
    const { peak } = summarize(plan, [
      ...seconds(1),
      ...seconds(1, {}, books(1_000, 982)),
      ...seconds(1, { phase: 'drain', held: 1_000 }),
    ])
    expect(peak).toMatchObject({ ready: 1_000, held: 1_000 })
    const silent = summarize(plan, [...seconds(1), ...seconds(1, { phase: 'drain', held: 0 })])
    expect(silent.peak.held).toBe(0)
  })

  it("divides the growth of the server's and the kernel's memory by that of ready connections", () => {
    const memory = (rssBytes: number, slabBytes: number): ServerSecond => ({
      rssBytes,
      slabBytes,
      tcpMemoryBytes: 0,
      cpu: 0.5,
    })
    const { server } = summarize(plan, [
      second(0, books(0, 0)),
      second(1, books(0, 0), { server: memory(50e6, 10e6) }),
      second(2, books(1_000, 1_000), { server: memory(56e6, 12e6) }),
    ])
    expect(server).toEqual({ cpuMean: 0.5, rssBytes: 56e6, bytesPerConnection: 8_000 })
  })
})

describe('judge', () => {
  const good = summarize(plan, seconds(60, { histograms: { echo: times(100, 5) } }))

  it('passes a run that was given no objectives when all are ready and nothing is lost', () => {
    const found = judge(plan, good, clean, 'echo')
    expect(found).toMatchObject({ verdict: 'pass', exitCode: 0 })
    expect(found.slo).toEqual([
      { text: 'ready>=99.9%', value: 1, met: true },
      { text: 'loss=0', value: 0, met: true },
    ])
  })

  it('holds exactly 99.9 % to be 99.9 %', () => {
    const summary = summarize(plan, seconds(60, {}, books(1_000, 999, { refused: 1 })))
    expect(judge(plan, summary, clean, 'echo').verdict).toBe('pass')
  })

  it('fails when connections are missing, and says what ended them and on which side', () => {
    const summary = summarize(
      plan,
      seconds(60, {}, books(1_000, 900, { src_ports: 60, http_503: 40 })),
    )
    expect(judge(plan, summary, clean, 'echo')).toMatchObject({
      verdict: 'fail',
      exitCode: 10,
      reasons: [
        'ready 900 of 1000, 90 %; the threshold is ready>=99.9%: src_ports 60 (our side), http_503 40',
      ],
    })
  })

  it('fails a server that took all and held half of them to the end', () => {
    const summary = summarize(plan, [
      ...seconds(30, {}, books(1_000, 1_000)),
      ...seconds(30, {}, books(1_000, 500, { closed_1001: 500 })),
    ])
    expect(judge(plan, summary, clean, 'echo')).toMatchObject({
      verdict: 'fail',
      exitCode: 10,
      reasons: [
        'ready 1000 of 1000, of which 500 were held to the end, 50 %; the threshold is ready>=99.9%: closed_1001 500',
      ],
    })
  })

  it('says nothing about the server when workers died', () => {
    const dead = books(1_000, 900, { worker_died: 100 })
    const summary = summarize(plan, seconds(60, {}, dead))
    expect(judge(plan, summary, clean, 'echo')).toMatchObject({ verdict: 'invalid', exitCode: 11 })
  })

  it('fails a lost message also when no objective speaks of loss', () => {
    const withSlo = { ...plan, slo: parseSlo('echo.p50<1s') }
    const found = judge(withSlo, good, { ...clean, lost: 1, faults: ['m7 is gone'] }, 'echo')
    expect(found).toMatchObject({ verdict: 'fail', exitCode: 10 })
    expect(found.reasons.join()).toContain(
      '1 lost, 0 unanswered, 0 duplicated, 0 gaps, 0 out of order; first: m7 is gone',
    )
  })

  it('does not let an objective that allows some loss pass more of it', () => {
    const lenient = { ...plan, slo: parseSlo('loss<=5') }
    expect(judge(lenient, good, { ...clean, gaps: 6 }, 'echo').exitCode).toBe(10)
  })

  it('says how many samples a percentile still needs, and does not call it met', () => {
    const withSlo = { ...plan, slo: parseSlo('p99.9<50ms') }
    const short = summarize(plan, seconds(1, { histograms: { echo: times(9_000, 5) } }))
    expect(judge(withSlo, short, clean, 'echo')).toMatchObject({
      exitCode: 10,
      slo: [{ text: 'p99.9<50ms', met: false }],
      reasons: [expect.stringContaining('9000 samples, 1000 more are needed')],
    })
  })

  it('compares the headline unless the objective names a kind', () => {
    const withSlo = { ...plan, slo: parseSlo('p50<50ms tcp.p50<50ms') }
    const summary = summarize(
      plan,
      seconds(1, { histograms: { echo: times(100, 80), tcp: times(100, 2) } }),
    )
    expect(judge(withSlo, summary, clean, 'echo').slo.map(({ met }) => met)).toEqual([false, true])
  })

  it('is invalid when the load generator was overloaded, even if a threshold was not met', () => {
    const overloaded = ['box2 worker 3: sent 970 ms late (p99)']
    const summary = summarize(plan, [
      ...seconds(7, { overloaded }, books(1_000, 500)),
      ...seconds(53, {}, books(1_000, 500)),
    ])
    const found = judge(plan, summary, clean, 'echo')
    expect(found).toMatchObject({ verdict: 'invalid', exitCode: 11 })
    expect(found.reasons[0]).toBe('load generator overloaded in 7 of 60 measured seconds')
    expect(found.reasons).toContain('box2 worker 3: sent 970 ms late (p99)')
  })

  it('passes and fails the same beside other work, and says that it was noisy', () => {
    const noisy = ['box2: CPU pressure 92 %']
    const passed = judge(plan, summarize(plan, seconds(60, { noisy })), clean, 'echo')
    expect(passed).toMatchObject({ verdict: 'pass', exitCode: 0 })
    expect(passed.reasons).toContain('noisy: other work was in the way in 60 of 60 seconds')
    const half = summarize(plan, seconds(60, { noisy }, books(1_000, 500)))
    expect(judge(plan, half, clean, 'echo')).toMatchObject({ verdict: 'fail', exitCode: 10 })
  })

  it('does not call a run noisy for one second in sixty', () => {
    const summary = summarize(plan, [...seconds(1, { noisy: ['busy'] }), ...seconds(59)])
    expect(judge(plan, summary, clean, 'echo').reasons.join()).not.toContain('noisy')
  })

  it('fails for messages that were never answered, as for lost ones', () => {
    const found = judge(plan, good, { ...clean, unanswered: 2_777 }, 'echo')
    expect(found).toMatchObject({ verdict: 'fail', exitCode: 10 })
    expect(found.reasons.join()).toContain('0 lost, 2777 unanswered, 0 duplicated')
  })

  it('does not meet a threshold with a percentile that is only a lower bound', () => {
    const withSlo = { ...plan, slo: parseSlo('p50<20s') }
    const late = createHistogram()
    late.recordOpen(15_000, 100)
    const summary = summarize(plan, [
      ...seconds(1, { histograms: { echo: times(50, 5) } }),
      second(1, books(1_000, 1_000), {
        phase: 'drain',
        held: 1_000,
        histograms: { echo: late.encode() },
      }),
    ])
    const found = judge(withSlo, summary, clean, 'echo')
    expect(found.slo).toMatchObject([{ met: false }])
    expect(found.reasons[0]).toMatch(
      /^echo p50 at least 15\d\d\d ms, as 100 of 150 were not answered; the threshold is p50<20s$/,
    )
  })

  it('trusts nothing when the books do not balance', () => {
    const summary = summarize(plan, seconds(60, {}, { ...books(1_000, 1_000), closed: 3 }))
    expect(judge(plan, summary, clean, 'echo')).toMatchObject({ verdict: 'invalid', exitCode: 1 })
  })
})
