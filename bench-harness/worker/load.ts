import type { FailureExample, LatencyKind, Share } from '../control/messages.ts'
import { createDialect } from '../dialect/dialects.ts'
import type { Stage } from '../ledger/ledger.ts'
import { noCredentials } from '../plan/credentials.ts'
import type { PhaseName, Plan } from '../plan/plan.ts'
import { createRandom } from '../plan/random.ts'
import { constantSchedule, type Schedule } from '../plan/schedule.ts'
import { probeConnections } from '../scenario/probe.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { type Arrival, createArrivals } from './arrivals.ts'
import type { Connection } from './connection.ts'
import { createConnectionList } from './connection-list.ts'
import type { Destination } from './endpoints.ts'
import { createHears } from './hears.ts'
import { createPool, type Pool } from './pool.ts'
import { createPoolEvents, notReachedFrom } from './pool-events.ts'
import { createRecorder, type Recorder } from './recorder.ts'
import { createScenarioWorker } from './scenario-worker.ts'
import { createSourcePorts } from './source-ports.ts'
import { createTraffic, type Traffic } from './traffic.ts'
import type { Basis, Wired } from './wired.ts'
import { createWitness, type Witness } from './witness.ts'

/** A worker's part of the load. It does what is due when it is told the time, and owns no timer. */
export interface Load {
  readonly pool: Pool
  readonly recorder: Recorder
  readonly witness: Witness
  readonly traffic: Traffic
  readonly portsLeft: number | undefined
  /** Does what is due. Gives the moment of what is due next. */
  pump(): number
  /** Attempts that are due and not begun. */
  overdue(): number
  phase(phase: PhaseName, atMs: number, connections: number | undefined): void
  act(act: string): void
  /** Once a second. */
  second(): void
  /** Nothing new begins; sessions stay open, and those that were cut off come back. */
  quiet(): void
  /** Sessions that are on their way back. */
  readonly returning: number
  /** Sessions that are ready and of which something was heard since they were last asked. */
  held(): number
  /** What the scenario found wrong. Counts what was not answered, and closes every session. */
  finish(): readonly string[]
}

export interface LoadParts {
  readonly plan: Plan
  readonly share: Share
  readonly scenario: Scenario
  readonly destinations: readonly Destination[]
  readonly now: () => number
  readonly example: (example: FailureExample) => void
  readonly wallMs: () => number
  /** Asks to be pumped soon: something has become due that was not when it said what is due next. */
  readonly wake: () => void
}

/** Longest that the pump works before sockets get their turn, in milliseconds. */
const pumpMs = 8
/** After so many milliseconds the pump is due again, also where nothing else is. */
const idleMs = 1_000
/** The same of a scenario with moments of its own: so much too late is one that comes up after it was asked for the next. */
const ownMomentsMs = 50

function createBasis({ plan, share: given, now, wake }: LoadParts): Basis {
  // A probe is alone with its few connections.
  const share = given.probe === true ? { ...given, worker: 0, workers: 1 } : given
  const prefix = given.probe === true ? `${plan.run}-probe-${given.worker}` : plan.run
  return {
    plan,
    share,
    now,
    random: createRandom(plan.seed * 7_919 + share.worker),
    recorder: createRecorder(),
    witness: createWitness(),
    ready: createConnectionList('readyPlace'),
    arrivals: createArrivals(plan, share, wake),
    userOf: (session) => `${prefix}-${session}`,
    tokenOf(session) {
      const { tokens } = share.credentials ?? noCredentials
      return tokens[Math.floor((session - share.worker) / share.workers) % tokens.length]
    },
  }
}

/** Makes a worker's load. Nothing happens until it is told a phase, and then only when it is pumped. */
export function createLoad(parts: LoadParts): Load {
  const { plan, scenario, now } = parts
  const basis = createBasis(parts)
  const { share, recorder, witness, ready, arrivals } = basis
  const sources = createSourcePorts(share)
  let messages: Schedule | undefined
  let phase: PhaseName = 'prime'
  let isEnding = false
  /** Due, and held back until there is room among those under way. */
  let held: Arrival[] = []
  /** There was no room when it last looked: until an attempt ends, whatever becomes due is held back. */
  let isFull = false
  /** When messages were due that no session could send, since none was ready. */
  let unsent: number[] = []
  const unsentKind = kindOfUnsent(scenario.headline, plan.target.dialect === 'rusher')
  const underWayMax =
    plan.underWayMax === undefined || parts.share.probe === true
      ? Number.POSITIVE_INFINITY
      : Math.max(1, Math.floor(plan.underWayMax / share.workers))

  const wired = (): Wired => made
  const events = createPoolEvents(basis, wired, { ...parts, isEnding: () => isEnding })
  const pool = createPool({
    now,
    timeouts: plan.timeouts,
    destinations: parts.destinations,
    sources,
    tokenOf: basis.tokenOf,
    events: {
      ...events,
      took(stage, ms) {
        events.took(stage, ms)
        if (stage === 'ready') roomMade()
      },
      gone(connection, was, cause) {
        events.gone(connection, was, cause)
        if (was !== 'ready') roomMade()
      },
    },
  })
  const dialect = createDialect(plan.target.dialect, {
    send: pool.send,
    hears: createHears(basis, wired),
  })
  const worker = createScenarioWorker(basis, wired)
  const part = scenario.start(worker)
  const traffic = createTraffic({
    now,
    dialect,
    recorder,
    witness,
    prefix: `${plan.run}-${parts.share.worker}`,
    logged: plan.target.dialect === 'rusher',
    returns: part.returns === true,
  })
  const made: Wired = { pool, dialect, part, traffic }

  /**
   * What no session could send waits until one is ready: at least so long would its answer have
   * taken.
   */
  function endUnsent(): void {
    for (const intendedMs of unsent) recorder.recordOpen(unsentKind, now() - intendedMs)
    unsent = []
  }

  function skipDue(schedule: Schedule): void {
    for (const nowMs = now(); schedule.next <= nowMs; schedule.take()) {
      recorder.count('due')
      recorder.count('unsent')
      unsent.push(schedule.next)
    }
  }

  function send(): void {
    if (messages === undefined || part.send === undefined) return
    if (ready.all.length === 0) return skipDue(messages)
    if (unsent.length > 0) endUnsent()
    const untilMs = now() + pumpMs
    while (messages.next <= now() && now() < untilMs) {
      recorder.count('due')
      part.send(messages.next)
      messages.take()
    }
  }

  function open({ session, intendedMs, droppedMs, replaces }: Arrival): void {
    if (replaces === undefined) return void pool.open(session, intendedMs, droppedMs)
    // One that was lost before its turn comes back by itself.
    if (!pool.holds(replaces)) return
    pool.close(replaces)
    pool.open(session, intendedMs, now())
  }

  /** An attempt that had not come further when the run ended. */
  function neverReady(stage: Stage, intendedMs: number): void {
    for (const kind of notReachedFrom[stage] ?? []) recorder.recordOpen(kind, now() - intendedMs)
  }

  function openingAgain(): readonly Connection[] {
    return [...pool.opening].filter(({ droppedMs }) => droppedMs !== undefined)
  }

  function roomMade(): void {
    if (isFull && !isEnding) parts.wake()
  }

  function holdDue(): void {
    const nowMs = now()
    for (let due = arrivals.take(nowMs); due !== undefined; due = arrivals.take(nowMs))
      held.push(due)
  }

  function connect(): void {
    const untilMs = now() + pumpMs
    if (isFull) holdDue()
    for (let nowMs = now(); nowMs < untilMs; nowMs = now()) {
      isFull = pool.underWay >= underWayMax
      if (isFull) return
      const late = held.shift()
      const arrival = late ?? arrivals.take(nowMs)
      if (arrival === undefined) return
      // One that was held back was late because of the server, or of the bound that was asked for.
      if (late === undefined) recorder.record('lag', nowMs - arrival.intendedMs)
      open(arrival)
    }
  }

  return {
    pool,
    recorder,
    witness,
    traffic,
    get portsLeft() {
      return sources.left
    },
    pump() {
      connect()
      send()
      part.due?.(now())
      const nextMs = held.length > 0 ? now() : arrivals.nextMs
      return Math.min(
        isFull ? Number.POSITIVE_INFINITY : nextMs,
        messages?.next ?? Number.POSITIVE_INFINITY,
        part.nextMs?.() ?? Number.POSITIVE_INFINITY,
        now() + (part.nextMs === undefined ? idleMs : ownMomentsMs),
      )
    },
    overdue() {
      if (isFull) holdDue()
      return arrivals.overdue(now()) + held.length
    },
    phase(next, atMs, connections) {
      phase = next
      if (connections !== undefined)
        arrivals.extend(share.probe === true ? probeConnections : connections, atMs)
      const perSecond =
        (scenario.rateOf?.(plan.scenario.options, plan.connections) ?? 0) / share.workers
      // What is sent while things settle is load too; only what is measured is reported.
      if (next === 'settle' && perSecond > 0)
        messages ??= constantSchedule(
          atMs + (share.worker * 1_000) / perSecond / share.workers,
          perSecond,
        )
      if (next === 'drain') this.quiet()
      parts.wake()
    },
    act(act) {
      part.act?.(act)
    },
    second() {
      pool.askSilent()
      if (phase === 'measure') part.second?.()
    },
    quiet() {
      // What was due and is not sent yet was late, too.
      for (const nowMs = now(); messages !== undefined && messages.next <= nowMs; messages.take()) {
        recorder.count('due')
        recorder.record('lag', nowMs - messages.next)
      }
      messages = undefined
      arrivals.stop()
      const isReturn = ({ droppedMs }: Arrival): boolean => droppedMs !== undefined
      for (const one of held) if (!isReturn(one)) neverReady('waiting', one.intendedMs)
      held = held.filter(isReturn)
      for (const connection of ready.all) worker.slow(connection, false)
    },
    get returning() {
      return arrivals.returning.length + held.length + openingAgain().length
    },
    held: () => ready.all.reduce((sum, { asked }) => sum + Number(!asked), 0),
    finish() {
      isEnding = true
      // A server need not answer a probe: only one that did is held to it.
      if (share.probe !== true || traffic.heard > 0) {
        endUnsent()
        traffic.end()
      }
      for (const { stage, intendedMs } of pool.opening) neverReady(stage, intendedMs)
      for (const { droppedMs } of [...arrivals.returning, ...held, ...openingAgain()])
        if (droppedMs !== undefined) recorder.recordOpen('reconnect', now() - droppedMs)
      const faults = part.finish?.() ?? []
      for (const connection of [...pool.all]) pool.close(connection)
      return faults
    },
  }
}

/** What a message is waited for, where the scenario is first about something else. */
function kindOfUnsent(headline: LatencyKind, logged: boolean): LatencyKind {
  const ofMessages: readonly LatencyKind[] = ['echo', 'delivery', 'completion', 'convergence']
  if (ofMessages.includes(headline)) return headline
  return logged ? 'ack' : 'delivery'
}
