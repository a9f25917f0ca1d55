import type { FailureExample, Share } from '../control/messages.ts'
import type { Entry, Hears } from '../dialect/dialect.ts'
import { createDialect } from '../dialect/dialects.ts'
import type { Cause } from '../ledger/ledger.ts'
import type { PhaseName, Plan } from '../plan/plan.ts'
import { createRandom } from '../plan/random.ts'
import { constantSchedule, type Schedule } from '../plan/schedule.ts'
import type { Scenario, ScenarioPart, ScenarioWorker } from '../scenario/scenario.ts'
import { encodeFrame } from '../wire/frames.ts'
import { createArrivals } from './arrivals.ts'
import type { Connection, Destination } from './connection.ts'
import { createPool, type Pool } from './pool.ts'
import { createReadySet } from './ready-set.ts'
import { createRecorder, type Recorder } from './recorder.ts'
import { createSourcePorts } from './source-ports.ts'
import { createTraffic, type Traffic } from './traffic.ts'
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
  /** Nothing new begins; sessions stay open. */
  quiet(): void
  /** What the scenario found wrong. Closes every session. */
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
}

/** Raw examples of each cause that are kept. */
const examplesMax = 5
/** How long a lost session waits before it comes back: at least, and up to. */
const returnAfterMs = [100, 1_000] as const
/** Connections of a probe. */
const probeConnections = 5
/** Longest that the pump works before sockets get their turn, in milliseconds. */
const pumpMs = 8

export function createLoad(parts: LoadParts): Load {
  const { plan, scenario, destinations, now } = parts
  // A probe is alone with its few connections.
  const share = parts.share.probe === true ? { ...parts.share, worker: 0, workers: 1 } : parts.share
  const random = createRandom(plan.seed * 7_919 + share.worker)
  const recorder = createRecorder()
  const witness = createWitness()
  const ready = createReadySet()
  const arrivals = createArrivals(plan, share)
  const sources = createSourcePorts(share)
  const examples = new Map<Cause, number>()
  const user = (session: number): string =>
    share.probe === true
      ? `${plan.run}-probe-${parts.share.worker}-${session}`
      : `${plan.run}-${session}`
  let messages: Schedule | undefined
  let phase: PhaseName = 'prime'
  let stopping = false

  const channelsOf = ({ session }: Connection): readonly string[] =>
    part.channelsOf(session).map(({ channel }) => channel)

  function entryOf({ session }: Connection): Entry {
    const channels = part.channelsOf(session).map((one) => {
      const since = witness.since(session, one.channel)
      return since === undefined ? one : { ...one, since }
    })
    return { user: user(session), channels }
  }

  const hears: Hears = {
    entryOf,
    ready(connection) {
      pool.ready(connection)
      if (connection.stage !== 'ready') return
      ready.add(connection)
      if (connection.droppedMs !== undefined)
        recorder.record('reconnect', connection.stageMs - connection.droppedMs)
      part.ready?.(connection)
      traffic.entered(connection, channelsOf(connection))
    },
    refusedEntry: (connection, raw) => pool.fail(connection, 'refused_by_server', raw),
    broken: (connection, raw) => pool.fail(connection, 'protocol', raw),
    drained(connection, afterMs) {
      if (part.returns === true && connection.stage === 'ready')
        worker.reopen(connection, now() + afterMs)
    },
    echoed: (_connection, no) => traffic.echoed(no),
    joined({ session }, joined) {
      // Who does not go on where it was has nothing to be held against.
      if (part.returns === true) witness.joined(session, joined)
    },
    acknowledged: (_connection, no, offset) => traffic.acknowledged(no, offset),
    refused: (_connection, no, _code, retry) => traffic.refused(no, retry),
    delivered(connection, delivery) {
      traffic.delivered(connection, delivery)
      part.delivered?.(connection, delivery)
    },
    gap: ({ session }, channel, from, to) => witness.gap(session, channel, from, to),
    presence: (connection, channel, joined) => part.presence?.(connection, channel, joined),
  }

  const pool = createPool({
    now,
    timeouts: plan.timeouts,
    destinations,
    source: sources.next,
    events: {
      opened: (connection) => dialect.opened(connection),
      message(connection, opcode, payload) {
        if (part.heard?.(connection, payload) !== true) dialect.message(connection, opcode, payload)
      },
      took: (kind, ms) => recorder.record(kind, ms),
      failed(cause, connection, raw) {
        const seen = examples.get(cause) ?? 0
        examples.set(cause, seen + 1)
        if (seen >= examplesMax) return
        const { host, port } = connection.destination
        const { localAddress, localPort } = connection.socket ?? {}
        const from = localAddress === undefined ? {} : { from: `${localAddress}:${localPort}` }
        parts.example({ cause, wallMs: parts.wallMs(), to: `${host}:${port}`, raw, ...from })
      },
      gone(connection, was, cause) {
        const wasReady = ready.delete(connection)
        traffic.gone(connection, wasReady, wasReady ? channelsOf(connection) : [])
        part.gone?.(connection)
        const comesBack = part.returns === true && cause !== undefined && !stopping
        if (!comesBack || (was !== 'ready' && connection.droppedMs === undefined)) return
        const [least, most] = returnAfterMs
        const droppedMs = connection.droppedMs ?? now()
        arrivals.again(connection.session, now() + least + random() * (most - least), droppedMs)
      },
    },
  })
  const dialect = createDialect(plan.target.dialect, { send: pool.send, hears })

  const worker: ScenarioWorker = {
    plan,
    options: plan.scenario.options,
    worker: share.worker,
    workers: share.workers,
    now,
    random,
    ready: ready.all,
    pick: () => ready.pick(random),
    echo: (connection, intendedMs) => traffic.echo(connection, intendedMs),
    publish: (connection, channel, intendedMs, body) =>
      traffic.publish(connection, channel, intendedMs, body),
    join(connection, channel, presence) {
      recorder.count('sent')
      dialect.join?.(connection, channel, presence)
    },
    leave(connection, channel) {
      recorder.count('sent')
      dialect.leave?.(connection, channel)
    },
    record: recorder.record,
    raw(connection, opcode, payload) {
      recorder.count('sent')
      pool.send(connection, encodeFrame(opcode, payload))
    },
    close: pool.close,
    reopen(connection, intendedMs) {
      const { session } = connection
      pool.close(connection)
      arrivals.again(session, intendedMs, now())
    },
    slow(connection, slow) {
      connection.slow = slow
      if (slow) connection.socket?.pause()
      else connection.socket?.resume()
    },
  }
  const part: ScenarioPart = scenario.start(worker)
  const traffic = createTraffic({
    now,
    dialect,
    recorder,
    witness,
    prefix: `${plan.run}-${parts.share.worker}`,
    logged: plan.target.dialect === 'rusher',
    returns: part.returns === true,
  })

  function send(): void {
    if (messages === undefined || part.send === undefined) return
    const untilMs = now() + pumpMs
    while (messages.next <= now() && now() < untilMs) {
      recorder.count('due')
      part.send(messages.next)
      messages.take()
    }
  }

  function connect(): void {
    const untilMs = now() + pumpMs
    for (let nowMs = now(); nowMs < untilMs; nowMs = now()) {
      const arrival = arrivals.take(nowMs)
      if (arrival === undefined) return
      recorder.record('lag', nowMs - arrival.intendedMs)
      pool.open(arrival.session, arrival.intendedMs, arrival.droppedMs)
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
      return Math.min(
        arrivals.nextMs,
        messages?.next ?? Number.POSITIVE_INFINITY,
        part.nextMs?.() ?? Number.POSITIVE_INFINITY,
      )
    },
    overdue: () => arrivals.overdue(now()),
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
    },
    act(act) {
      part.act?.(act)
    },
    second() {
      pool.askSilent()
      if (phase === 'measure') part.second?.()
    },
    quiet() {
      messages = undefined
      arrivals.stop()
      for (const connection of ready.all) worker.slow(connection, false)
    },
    finish() {
      stopping = true
      const unanswered = traffic.end()
      if (unanswered > 0) recorder.count('missing', unanswered)
      const faults = part.finish?.() ?? []
      for (const connection of [...pool.all]) pool.close(connection)
      return faults
    },
  }
}
