import type { HostSecond, Result, RunEvent, Second } from '../../../bench-harness/bundle/bundle.ts'
import type { FailureExample } from '../../../bench-harness/control/messages.ts'
import { noCounters } from '../../../bench-harness/control/messages.ts'
import { createHistogram, mergeEncoded } from '../../../bench-harness/histogram/histogram.ts'
import { emptyLedger, failuresOf, type Ledger } from '../../../bench-harness/ledger/ledger.ts'
import type { PhaseName } from '../../../bench-harness/plan/plan.ts'
import type { HostView, Run, RunView } from '../../../bench-harness/view/run-view.ts'
import { fakePlan, fakeResult } from './fake-result.ts'

/** A run that nobody runs: each `step` is a second of it. The same seed is the same run. */
export interface FakeRun extends Run {
  step(): void
}

export interface FakeRunOptions {
  readonly seed: number
  readonly connections?: number
  readonly hosts?: readonly string[]
}

interface State {
  readonly random: () => number
  readonly connections: number
  readonly names: readonly string[]
  phase: PhaseName | 'ended'
  /** Seconds that the phase has had. */
  spent: number
  t: number
  ledger: Ledger
  aborts: number
  readonly seconds: Second[]
  readonly events: RunEvent[]
  readonly examples: FailureExample[]
}

const order: readonly PhaseName[] = ['prime', 'ramp', 'settle', 'measure', 'drain']
const workersOf = [4, 4, 2, 8]

/**
 * A ramp to `connections` on some hosts, the second of which is not heard for a while; some attempts fail, two connections are lost, and three
 * seconds are overloaded. It ends by itself.
 */
export function createFakeRun(options: FakeRunOptions): FakeRun {
  const state: State = {
    random: randomFrom(options.seed),
    connections: options.connections ?? 50_000,
    names: options.hosts ?? ['box-1', 'box-2', 'box-3'],
    phase: 'prime',
    spent: 0,
    t: -1,
    ledger: emptyLedger,
    aborts: 0,
    seconds: [],
    events: [],
    examples: [],
  }
  const listeners = new Set<() => void>()
  const { promise, resolve } = Promise.withResolvers<Result>()
  const changed = (): void => {
    for (const listener of listeners) listener()
  }
  let view = viewOf(state)
  const show = (): void => {
    const ended = state.phase === 'ended' && view.result === undefined
    view = viewOf(state)
    changed()
    if (ended && view.result !== undefined) resolve(view.result)
  }
  return {
    ended: promise,
    view: () => view,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    nextPhase() {
      enterNext(state)
      show()
    },
    abort() {
      state.aborts += 1
      say(state, 'note', state.aborts === 1 ? 'asked to stop: draining' : 'stopped at once')
      enter(state, state.aborts === 1 && state.phase !== 'ended' ? 'drain' : 'ended')
      show()
    },
    step() {
      if (state.phase === 'ended') return
      second(state, state.phase)
      show()
    },
  }
}

const lengthS: Readonly<Record<PhaseName, number>> = {
  prime: 2,
  ramp: 25,
  settle: 4,
  measure: 30,
  drain: 3,
}

function enterNext(state: State): void {
  if (state.phase === 'ended') return
  enter(state, order[order.indexOf(state.phase) + 1] ?? 'ended')
}

function enter(state: State, phase: PhaseName | 'ended'): void {
  if (state.phase === phase) return
  state.phase = phase
  state.spent = 0
  say(state, 'phase', phase === 'ended' ? 'the run has ended' : `${phase} begins`)
}

function say(state: State, kind: RunEvent['kind'], text: string): void {
  state.events.push({ ms: Math.max(0, state.t) * 1_000 + 400, kind, text })
}

function second(state: State, phase: PhaseName): void {
  state.t += 1
  if (state.t === 0) say(state, 'phase', 'prime begins')
  state.spent += 1
  const planned = plannedIn(state, phase)
  state.ledger = moved(state, phase, planned)
  happen(state, phase)
  state.seconds.push(secondOf(state, phase, planned))
  if (state.spent >= lengthS[phase]) enterNext(state)
}

function plannedIn(state: State, phase: PhaseName): number {
  if (phase === 'prime') return Math.min(20, state.connections)
  if (phase !== 'ramp') return state.connections
  return Math.round((state.connections * Math.min(state.spent, 24)) / 24)
}

function moved(state: State, phase: PhaseName, planned: number): Ledger {
  const before = state.ledger
  if (phase === 'drain') {
    const left = Math.round((before.now.ready * (lengthS[phase] - state.spent)) / 3)
    const now = { ...before.now, waiting: 0, socket: 0, tcp: 0, ws: 0, ready: left, closing: 0 }
    const failed = failuresOf(before)
    return { ...before, now, alive: left, closed: before.scheduled - left - failed }
  }
  const failed = failedIn(state, phase)
  const failures = failuresOf({ ...before, failed })
  const scheduled = Math.max(before.scheduled, planned)
  const inFlight = phase === 'ramp' ? Math.round(planned * 0.012 * state.random()) : 0
  const ready = scheduled - failures - inFlight
  const tcp = Math.round(inFlight / 3)
  const ws = Math.round(inFlight / 4)
  const now = { waiting: 0, socket: inFlight - tcp - ws, tcp, ws, ready, closing: 0 }
  return {
    scheduled,
    reached: {
      socket: scheduled,
      tcp: ready + tcp + ws + Math.min(failures, 9),
      ws: ready + ws + Math.min(failures, 5),
      ready: ready + before.lost,
    },
    now,
    alive: ready - Math.round(3 * state.random()),
    closed: 0,
    failed,
    lost: phase === 'measure' && state.spent >= 12 ? 2 : before.lost,
  }
}

function failedIn(state: State, phase: PhaseName): Ledger['failed'] {
  const failed = { ...state.ledger.failed }
  const fail = (cause: FailureExample['cause'], count: number, raw: string): void => {
    failed[cause] = (failed[cause] ?? 0) + count
    const host = state.names[state.t % state.names.length] ?? ''
    state.examples.push({
      cause,
      wallMs: Date.UTC(2026, 9, 12, 14, 3, 7) + state.t * 1_000,
      from: `10.1.0.${(state.t % 3) + 2}:${40_000 + state.t}`,
      to: '10.1.0.100:9000',
      raw: `${host}: ${raw}`,
    })
  }
  if (phase === 'ramp' && state.spent === 6)
    fail('refused', 12, 'connect ECONNREFUSED 10.1.0.100:9000')
  if (phase === 'ramp' && state.spent === 15) fail('connect_timeout', 7, 'no answer in 10,000 ms')
  if (phase === 'ramp' && state.spent === 16)
    fail('http_503', 3, 'HTTP/1.1 503 Service Unavailable')
  if (phase === 'measure' && state.spent === 12)
    fail('closed_1011', 2, 'close 1011 "internal error"')
  return failed
}

function happen(state: State, phase: PhaseName): void {
  if (phase === 'ramp' && state.spent === 6) say(state, 'fault', 'box-1: 12 attempts were refused')
  if (phase === 'ramp' && state.spent === 10) say(state, 'fault', `${state.names[1]}: not heard of`)
  if (phase === 'ramp' && state.spent === 15) say(state, 'note', `${state.names[1]}: heard again`)
  if (phase === 'ramp' && state.spent === 18)
    say(state, 'server', 'ListenOverflows grew by 31: the accept backlog was full')
  if (phase === 'measure' && state.spent === 12) say(state, 'fault', '2 connections were lost')
}

function isStale(state: State, host: number): boolean {
  return host === 1 && state.phase === 'ramp' && state.spent >= 10 && state.spent < 15
}

function secondOf(state: State, phase: PhaseName, planned: number): Second {
  const { ledger, t, random } = state
  const slow = phase === 'measure' && state.spent >= 12 && state.spent <= 14 ? 9 : 1
  const echo = phase === 'measure' ? Math.round(ledger.now.ready / 10) : 0
  const opened = Math.max(
    0,
    ledger.reached.ready - (state.seconds.at(-1)?.ledger.reached.ready ?? 0),
  )
  const overloaded = isStale(state, 1)
    ? [`${state.names[1]}: not heard of`]
    : slow > 1
      ? ['box-1, worker 3: loop 96 % busy']
      : []
  return {
    t,
    phase,
    planned,
    ledger,
    counters: { ...noCounters, due: echo, sent: echo, delivered: echo, bytesIn: echo * 66 },
    histograms: {
      ...(opened === 0
        ? {}
        : { tcp: times(random, 0.4), upgrade: times(random, 1.1), ready: times(random, 2.3) }),
      ...(echo === 0 ? {} : { echo: times(random, 1.6 * slow), lag: times(random, 0.2) }),
    },
    hosts: state.names.map((name, host) => hostSecond(state, name, host, slow)),
    server: serverSecond(state),
    overloaded,
    noisy: [],
  }
}

function hostSecond(state: State, name: string, host: number, slow: number): HostSecond {
  const share = 1 / state.names.length
  const staleS = isStale(state, host) ? state.spent - 9 : 0
  const ready = Math.round(state.ledger.now.ready * share)
  return {
    name,
    workers: workersOf[host % workersOf.length] ?? 2,
    ready,
    failed: host === 0 ? failuresOf(state.ledger) : 0,
    sent: state.phase === 'measure' ? Math.round(ready / 10) : 0,
    loopUse: Math.min(0.97, (host === 0 ? 0.3 * slow : 0.22) + 0.1 * state.random()),
    lagP99Ms: Math.round((0.3 * slow + 0.3 * state.random()) * 100) / 100,
    cpu: 0.3 + 0.2 * state.random(),
    rssBytes: 90_000_000 + ready * 1_900,
    portsLeft: 28_232 - ready,
    descriptorsLeft: 1_048_576 - ready,
    staleS,
  }
}

function serverSecond(state: State): NonNullable<Second['server']> {
  const { ready } = state.ledger.now
  return {
    sessions: ready + Math.round(6 * state.random()),
    kernel: ready + state.ledger.now.ws + state.ledger.now.tcp,
    cpu: 0.4 + 0.9 * state.random(),
    busiestThread: 0.35 + 0.3 * state.random(),
    rssBytes: 88_000_000 + ready * 5_400,
    descriptors: ready + 41,
    descriptorsLeft: 1_048_535 - ready,
    loopDelayP99Ms: 1 + 3 * state.random(),
    tcpMemoryBytes: ready * 1_024,
    slabBytes: 120_000_000 + ready * 3_000,
    counters: state.t >= 20 ? { ListenOverflows: 31, TCPSynRetrans: 12 } : {},
    databaseBytes: 4_096 * (4 + state.t),
  }
}

function viewOf(state: State): RunView {
  const { phase, seconds } = state
  const last = seconds.at(-1)
  const measured = seconds.filter((each) => each.phase === 'measure')
  const echoes = (some: readonly Second[]) =>
    mergeEncoded(some.flatMap(({ histograms }) => histograms.echo ?? []))
  const overloaded = (last?.overloaded.length ?? 0) > 0
  const failing = measured.length >= 13
  const result = phase === 'ended' ? fakeResult(state, echoes(measured)) : undefined
  return {
    plan: fakePlan(state.connections),
    phase: last === undefined ? 'starting' : phase,
    elapsedMs: (state.t + 1) * 1_000,
    ...(phase === 'ended' ? {} : { phaseLeftMs: (lengthS[phase] - state.spent) * 1_000 }),
    light: last === undefined ? 'waiting' : overloaded ? 'invalid' : failing ? 'failing' : 'good',
    lightText:
      last === undefined
        ? 'hosts are being prepared'
        : overloaded
          ? (last.overloaded[0] ?? '')
          : failing
            ? '2 connections were lost; the threshold is loss=0'
            : 'all that is wanted holds so far',
    ...(last === undefined ? {} : { second: last }),
    seconds: seconds.slice(-600),
    headline: {
      kind: 'echo',
      second: echoes(last === undefined ? [] : [last]),
      phase: echoes(measured),
    },
    examples: [...state.examples],
    events: [...state.events],
    hosts: state.names.map((name, host) => hostView(state, name, host)),
    ...(result === undefined ? {} : { result }),
  }
}

function hostView(state: State, name: string, host: number): HostView {
  const last = state.seconds.at(-1)?.hosts[host]
  if (last === undefined)
    return {
      name,
      state: 'preparing',
      stateText: 'preparing workers',
      workers: workersOf[host % workersOf.length] ?? 2,
      ready: 0,
      failed: 0,
      sentPerSecond: 0,
      loopUse: 0,
      lagP99Ms: 0,
      cpu: 0,
      rssBytes: 0,
      staleS: 0,
      byWorker: [],
    }
  const { sent, ...figures } = last
  const stale = last.staleS > 0
  return {
    ...figures,
    state: state.phase === 'ended' ? 'done' : stale ? 'stale' : 'running',
    stateText: state.phase === 'ended' ? 'done' : stale ? `stale ${last.staleS} s` : 'ok',
    sentPerSecond: sent,
    byWorker: Array.from({ length: last.workers }, (_, worker) => ({
      worker,
      ready: Math.round(last.ready / last.workers),
      loopUse: last.loopUse,
      lagP99Ms: last.lagP99Ms,
      rssBytes: Math.round(last.rssBytes / last.workers),
    })),
  }
}

function times(random: () => number, middleMs: number) {
  const histogram = createHistogram()
  for (let no = 0; no < 1_200; no++) {
    const spread = (random() + random() + random() - 1.5) * 0.8
    const outlier = random() < 0.012 ? 1 + 14 * random() : 1
    histogram.record(middleMs * Math.exp(spread) * outlier)
  }
  return histogram.encode()
}

/** Mulberry32, by Tommy Ettinger. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
