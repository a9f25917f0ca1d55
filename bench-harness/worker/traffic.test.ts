import { describe, expect, it, test } from 'vitest'
import type { LogHistory } from '../../src/testing/history-checker.ts'
import type { Result, Second } from '../bundle/bundle.ts'
import { judge } from '../bundle/judge.ts'
import { summarize } from '../bundle/summarize.ts'
import { createRunHistory, judgeHistory } from '../controller/history.ts'
import { emptyLedger } from '../ledger/ledger.ts'
import { defaultHealth, type Plan } from '../plan/plan.ts'
import { Connection } from './connection.ts'
import { createRecorder } from './recorder.ts'
import { createTraffic } from './traffic.ts'
import { createWitness } from './witness.ts'

/*
 * Servers that freeze, die, answer late or answer a part, on a clock that is set: one session
 * publishes a hundred messages a second for ten seconds into a channel of its own, and fifteen more
 * seconds are waited for what is missing.
 */

const measureMs = 10_000
const waitMs = 15_000
const everyMs = 10
const channel = 'chat:a'
const destination = {
  host: '127.0.0.1',
  port: 1,
  request: { bytes: Buffer.of(), accept: '', head: '' },
} as unknown as Connection['destination']

/**
 * When the server answers a message that it was sent at a moment, and when it delivers it; nothing:
 * never.
 */
interface Server {
  answerMs(sentMs: number, no: number): number | undefined
  deliverMs(sentMs: number, no: number): number | undefined
  /** When it drops the connection. */
  readonly diesMs?: number
}

const well: Server = { answerMs: (ms) => ms + 2, deliverMs: (ms) => ms + 3 }
const freezes: Server = {
  answerMs: (ms) => (ms < 3_000 ? ms + 2 : undefined),
  deliverMs: (ms) => (ms < 3_000 ? ms + 3 : undefined),
}
const dies: Server = { ...freezes, diesMs: 3_000 }
const late: Server = { answerMs: (ms) => ms + 4_000, deliverMs: (ms) => ms + 4_001 }
const answersPart: Server = { ...well, answerMs: (ms, no) => (no % 10 === 0 ? undefined : ms + 2) }
const deliversPart: Server = {
  ...well,
  deliverMs: (ms, no) => (no % 10 === 0 ? undefined : ms + 3),
}

const plan: Plan = {
  v: 1,
  run: 'r',
  seed: 1,
  scenario: { name: 'chat', options: {} },
  target: { urls: ['ws://127.0.0.1:1/'], dialect: 'rusher', own: false },
  connections: 1,
  arrivalsPerSecond: 1,
  arrivals: 'constant',
  durations: { primeMs: 0, settleMs: 0, measureMs },
  timeouts: { connectMs: 1, upgradeMs: 1, readyMs: 1, keepaliveMs: 1 },
  slo: [],
  health: defaultHealth,
}

type How = 'logs' | 'logs that cannot be read' | 'no logs'

/** Plays a run against the server, and judges it. */
function play(server: Server, how: How): Pick<Result, 'verdict' | 'latency' | 'history'> {
  const logged = how !== 'no logs'
  let nowMs = 0
  const due = new Map<number, (() => void)[]>()
  const at = (ms: number | undefined, act: () => void): void => {
    if (ms !== undefined) due.set(ms, [...(due.get(ms) ?? []), act])
  }
  const connection = new Connection(0, 0, destination, 0)
  const recorder = createRecorder()
  const witness = createWitness()
  witness.joined(0, { channel, epoch: 'e', offset: 0, recovered: false })
  const log: { offset: number; id: string }[] = []
  const traffic = createTraffic({
    now: () => nowMs,
    recorder,
    witness,
    prefix: 'p',
    logged,
    returns: false,
    dialect: {
      publish(_, { no, id, body }) {
        const answerMs = server.answerMs(nowMs, no)
        const deliverMs = server.deliverMs(nowMs, no)
        if (answerMs === undefined && deliverMs === undefined) return
        const offset = log.length + 1
        log.push({ offset, id })
        const place = logged ? { offset, id } : {}
        at(answerMs, () => traffic.acknowledged(no, offset))
        at(deliverMs, () => traffic.delivered(connection, { channel, body, ...place }))
      },
    },
  })
  const seconds: Second[] = []
  const second = (phase: Second['phase'], held?: number): void => {
    const now = { ...emptyLedger.now, ready: held ?? 1 }
    const ledger = { ...emptyLedger, scheduled: now.ready, now }
    const { counters, histograms } = recorder.take()
    const faults = witness.takeFaults()
    const sums = {
      ...counters,
      missing: counters.missing + faults.missing,
      duplicated: counters.duplicated + faults.duplicated,
      disordered: counters.disordered + faults.disordered,
    }
    seconds.push({
      t: seconds.length,
      phase,
      planned: 1,
      ledger,
      counters: sums,
      histograms,
      hosts: [],
      overloaded: [],
      noisy: [],
      ...(held === undefined ? {} : { held }),
    })
  }
  traffic.entered(connection, [channel])
  for (; nowMs < measureMs + waitMs; nowMs += 1) {
    for (const act of due.get(nowMs) ?? []) act()
    if (nowMs === server.diesMs)
      traffic.gone(connection, { wasReady: true, asked: false, channels: [channel] })
    const isUp = nowMs < (server.diesMs ?? measureMs)
    if (nowMs % everyMs === 0 && nowMs < measureMs && isUp)
      traffic.publish(connection, channel, nowMs)
    if (nowMs % 1_000 === 999) second(nowMs < measureMs ? 'measure' : 'drain')
  }
  traffic.end()
  second('drain', server.diesMs === undefined ? 1 : 0)
  const summary = summarize(plan, seconds)
  const history = createRunHistory()
  for (const part of witness.parts(() => server.diesMs === undefined)) history.add(part, undefined)
  const logs = new Map<string, LogHistory>(
    how === 'logs' ? [[channel, { channel, begin: 1, events: log }]] : [],
  )
  const found = judgeHistory(history, summary.messages, { whole: true, logs, faults: [], logged })
  return {
    ...judge(plan, summary, found, 'delivery'),
    latency: summary.latency,
    history: found,
  }
}

const all: readonly How[] = ['logs', 'logs that cannot be read', 'no logs']
const withLogs: readonly How[] = ['logs', 'logs that cannot be read']

describe('a server that answers and delivers all', () => {
  it.each(all)('passes, with %s', (how) => {
    const { verdict, latency, history } = play(well, how)
    expect(verdict).toBe('pass')
    expect(history).toMatchObject({ lost: 0, unanswered: 0, gaps: 0 })
    expect(latency.delivery).toMatchObject({ n: 1_000, max: 3 })
    expect(latency.delivery?.unanswered).toBeUndefined()
  })
})

describe('a server that freezes for the last seven seconds', () => {
  it.each(withLogs)('fails, and its median is a wait that did not end, with %s', (how) => {
    const { verdict, latency, history } = play(freezes, how)
    expect(verdict).toBe('fail')
    expect(history).toMatchObject({ unanswered: 700, lost: 0 })
    // Of the last message that was due, 15 s; of the first that was not answered, 22 s.
    expect(latency.ack).toMatchObject({ n: 1_000, unanswered: 700, atLeast: expect.any(Array) })
    expect(latency.ack?.p50).toBeGreaterThan(15_000)
    expect(latency.delivery).toMatchObject({ unanswered: 700, max: 22_000 })
    expect(latency.delivery?.atLeast).toEqual(['p50', 'p90', 'p99', 'max'])
  })

  it('fails without logs for what was not delivered', () => {
    const { verdict, latency, history } = play(freezes, 'no logs')
    expect(verdict).toBe('fail')
    expect(history).toMatchObject({ lost: 700 })
    expect(latency.completion).toMatchObject({ n: 1_000, unanswered: 700, max: 22_000 })
  })
})

describe('a server that dies', () => {
  it.each(all)('fails for the session that was not held, with %s', (how) => {
    const { verdict, latency } = play(dies, how)
    expect(verdict).toBe('fail')
    expect(latency.delivery).toMatchObject({ n: 300, max: 3 })
  })

  it.each(withLogs)('leaves what was on its way unanswered, with %s', (how) => {
    const { history, latency } = play({ ...dies, answerMs: () => undefined }, how)
    expect(history).toMatchObject({ unanswered: 300 })
    expect(latency.ack).toMatchObject({ n: 300, unanswered: 300, max: 25_000 })
  })
})

describe('a server that answers four seconds late', () => {
  it.each(all)('loses nothing, and every wait is in its percentiles, with %s', (how) => {
    const { verdict, latency, history } = play(late, how)
    expect(verdict).toBe('pass')
    expect(history).toMatchObject({ lost: 0, unanswered: 0, gaps: 0 })
    expect(latency.delivery).toMatchObject({ n: 1_000, max: 4_001 })
    expect(latency.delivery?.p50).toBeGreaterThan(3_900)
    expect(latency.delivery?.unanswered).toBeUndefined()
  })
})

describe('a server that answers a part', () => {
  it.each(withLogs)('fails for what it left unanswered, with %s', (how) => {
    const { verdict, latency, history } = play(answersPart, how)
    expect(verdict).toBe('fail')
    expect(history).toMatchObject({ unanswered: 100, lost: 0, gaps: 0 })
    expect(latency.ack).toMatchObject({ n: 1_000, unanswered: 100, atLeast: ['p99', 'max'] })
    expect(latency.ack?.p50).toBeLessThan(3)
  })

  it.each(all)('fails for what it did not deliver, with %s', (how) => {
    const { verdict, latency, history } = play(deliversPart, how)
    expect(verdict).toBe('fail')
    expect(history.lost + history.gaps).toBeGreaterThanOrEqual(100)
    expect(latency.delivery).toMatchObject({ n: 1_000, unanswered: 100, atLeast: ['p99', 'max'] })
  })
})

test('answers to a connection that the client closed are not awaited', () => {
  const recorder = createRecorder()
  const traffic = createTraffic({
    now: () => 100,
    recorder,
    witness: createWitness(),
    prefix: 'p',
    logged: false,
    returns: false,
    dialect: {},
  })
  const connection = new Connection(0, 0, destination, 0)
  traffic.entered(connection, [channel])
  traffic.echo(connection, 90)
  traffic.publish(connection, channel, 90)
  expect(traffic.awaited).toBe(2)
  traffic.gone(connection, { wasReady: true, asked: true, channels: [channel] })
  traffic.end()
  expect(recorder.take().counters).toMatchObject({ sent: 2, unanswered: 0, undelivered: 0 })
})
