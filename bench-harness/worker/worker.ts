import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { backoffMaxMs } from '../../src/client/backoff.ts'
import type { Counters, Share, ToRunner } from '../control/messages.ts'
import { rankOf } from '../histogram/histogram.ts'
import { noCredentials } from '../plan/credentials.ts'
import type { PhaseName, Plan } from '../plan/plan.ts'
import { addressOf, portOf } from '../plan/target-address.ts'
import { probe } from '../scenario/probe.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { scenarios } from '../scenario/scenarios.ts'
import { upgradeRequest } from '../wire/upgrade.ts'
import type { Destination } from './endpoints.ts'
import { createHealthReader } from './health.ts'
import { createLoad, type Load } from './load.ts'
import { createMonotonicClock } from './monotonic.ts'
import type { Witness } from './witness.ts'
import type { WorkerPort } from './worker-port.ts'

/** More workers share few processors, and each that wakes takes time from the others. */
const fewWorkers = 8
/** How often what takes too long is looked for, and how late the event loop is; of few workers and of many, in milliseconds. */
const looks = {
  few: { lateMs: 100, delayMs: 10 },
  many: { lateMs: 1_000, delayMs: 1_000 },
} as const
/**
 * After the load has ended: silence that means that nothing more will come, when nothing is
 * awaited; when answers are, and the server is alive; and the longest that answers and signs of
 * life are waited for, with more for each session.
 */
const quietMs = 700
const awaitedQuietMs = 5_000
const quietWaitMs = 15_000
const quietWaitMsOfSession = 0.1
/**
 * Where the server answers others, a session that comes back is waited for as long as it may wait
 * between two tries, and connect; and all of them together no longer than this.
 */
const returnQuietMs = backoffMaxMs + 5_000
const returnWaitMs = 60_000
/**
 * Sessions that are asked for a sign of life between two looks, so that the server is not asked by
 * all at once.
 */
const asksAtOnce = 500

/** Runs a worker until its parent goes: holds its share of the connections, and tells once a second. */
export function runWorker(port: WorkerPort): void {
  let running: Running | undefined
  port.onDisconnect(() => process.exit(0))
  port.onMessage((message) => {
    void take(message).catch((error: unknown) => {
      port.send({
        type: 'fault',
        message: error instanceof Error ? (error.stack ?? '') : String(error),
      })
    })
  })

  async function take(message: ToRunner): Promise<void> {
    switch (message.type) {
      case 'prepare': {
        const [share] = message.workers
        if (share === undefined) throw new Error('a worker without a share')
        running = start(port, message.plan, share, await scenarioOf(message.plan, share))
        return port.send({ type: 'prepared', worker: share.worker, pid: process.pid })
      }
      case 'phase':
        return running?.phase(message.phase, message.at, message.connections)
      case 'act':
        return running?.act(message.act)
      case 'end':
        return process.exit(0)
      case 'beat':
      case 'clock':
        return
      default:
        return message satisfies never
    }
  }
}

async function scenarioOf({ scenario: { name, source } }: Plan, share: Share): Promise<Scenario> {
  if (share.probe === true) return probe
  if (source !== undefined) {
    const url = `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`
    const module = (await import(url)) as {
      readonly default?: Scenario
      readonly scenario?: Scenario
    }
    const own = module.scenario ?? module.default
    if (own === undefined) throw new Error('the module exports no `scenario`')
    return own
  }
  const found = scenarios.find((one) => one.name === name)
  if (found === undefined) throw new Error(`there is no scenario ${name}`)
  return found
}

interface Running {
  phase(phase: PhaseName, atMs: number, connections: number | undefined): void
  act(act: string): void
}

function start(port: WorkerPort, plan: Plan, share: Share, scenario: Scenario): Running {
  const now = createMonotonicClock()
  const load = createLoad({
    plan,
    share,
    scenario,
    destinations: destinationsOf(plan, share),
    now,
    wallMs: Date.now,
    wake: () => pump.wake(),
    example: (example) => port.send({ type: 'example', worker: share.worker, example }),
  })
  const pump = startPump(load, now)
  const look = looks[share.workers > fewWorkers ? 'many' : 'few']
  setInterval(() => load.pool.endLate(), look.lateMs)
  const ticks = tickEachSecond(port, load, { share, delayMs: look.delayMs, now })
  return {
    phase(phase, atMs, connections) {
      setTimeout(
        () => {
          load.phase(phase, atMs, connections)
          if (phase === 'drain') void drain(port, load, share, ticks)
        },
        Math.max(0, atMs - now()),
      )
    },
    act: load.act,
  }
}

function destinationsOf({ target, seed }: Plan, share: Share): readonly Destination[] {
  const { headers } = share.credentials ?? noCredentials
  const key = createHash('sha256').update(`key ${seed}`).digest().subarray(0, 16)
  return target.urls.map((text) => {
    const url = new URL(text)
    const servername = url.hostname.replace(/^\[|\]$/g, '')
    return {
      host: addressOf(url, target),
      port: portOf(url),
      request: upgradeRequest(url, key, headers),
      ...(url.protocol === 'wss:' && {
        tls: {
          // RFC 6066, section 3: a name, never an address.
          servername: isIP(servername) === 0 ? servername : '',
          rejectUnauthorized: target.insecure !== true,
        },
      }),
    }
  })
}

/** Does what is due, and comes back when the next thing is. A timer is good to a millisecond; `lag` says what that costs. */
function startPump(load: Pick<Load, 'pump'>, now: () => number): { wake(): void } {
  let timer: NodeJS.Timeout | undefined
  let isWoken = false
  function run(): void {
    clearTimeout(timer)
    isWoken = false
    const next = load.pump()
    if (next <= now()) return wake()
    timer = setTimeout(run, Math.max(1, next - now()))
  }
  function wake(): void {
    if (isWoken) return
    isWoken = true
    setImmediate(run)
  }
  run()
  return { wake }
}

interface Ticks {
  /** Tells the rest at once, and no more after it. */
  last(held?: number): void
}

function tickEachSecond(
  port: WorkerPort,
  load: Load,
  parts: { readonly share: Share; readonly delayMs: number; readonly now: () => number },
): Ticks {
  const { share, now } = parts
  const { worker } = share
  const health = createHealthReader(parts.delayMs)
  let bytesIn = 0
  let bytesOut = 0
  const tick = (held?: number): void => {
    load.second()
    const { histograms, counters, signs } = load.recorder.take()
    const lag = histograms.lag
    const lagP99Ms = lag === undefined ? 0 : rankOf(lag, 0.99)
    port.send({
      type: 'tick',
      worker,
      at: now(),
      ledger: load.pool.ledger(load.overdue()),
      histograms,
      counters: {
        ...addFaults(counters, load.witness.takeFaults()),
        bytesIn: load.pool.bytesIn - bytesIn,
        bytesOut: load.pool.bytesOut - bytesOut,
      },
      health: { ...health.read(lagP99Ms, load.portsLeft), signs },
      ...(held === undefined ? {} : { held }),
    })
    bytesIn = load.pool.bytesIn
    bytesOut = load.pool.bytesOut
  }
  const timer = setInterval(() => tick(), 1_000)
  return {
    last(held) {
      clearInterval(timer)
      tick(held)
      health.stop()
    },
  }
}

function addFaults(
  counters: Counters,
  { disordered, duplicated, missing }: ReturnType<Witness['takeFaults']>,
): Counters {
  return {
    ...counters,
    disordered: counters.disordered + disordered,
    duplicated: counters.duplicated + duplicated,
    missing: counters.missing + missing,
  }
}

/** Waits until what is under way has come, tells what was seen, and closes. */
async function drain(
  port: WorkerPort,
  load: Load,
  { worker, probe: isProbe }: Share,
  ticks: Ticks,
): Promise<void> {
  // A server need not answer a probe, and nothing is held against it.
  if (isProbe !== true) await untilQuiet(load)
  const held = load.held()
  const live = new Set(
    load.pool.all.filter((one) => one.stage === 'ready').map((one) => one.session),
  )
  const faults = load.finish()
  for (const part of load.witness.parts((session) => live.has(session)))
    port.send({ type: 'history', worker, part })
  ticks.last(isProbe === true ? undefined : held)
  port.send({ type: 'done', worker, whole: load.witness.whole, faults })
}

/** Meanwhile every session is asked for a sign of life. */
async function untilQuiet(load: Load): Promise<void> {
  const { traffic, pool } = load
  const toAsk = [...pool.all]
  const beganMs = performance.now()
  const waitMs = quietWaitMs + toAsk.length * quietWaitMsOfSession
  const activity = (): number => traffic.heard - load.returning
  let before = activity()
  let sinceMs = beganMs
  for (;;) {
    for (const connection of toAsk.splice(0, asksAtOnce)) pool.ask(connection)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const nowMs = performance.now()
    const next = activity()
    if (next !== before || toAsk.length > 0) sinceMs = nowMs
    before = next
    const silentMs = nowMs - sinceMs
    if (silentMs >= quietMs && silentMs >= quietMsOf(load)) return
    const isReturning = load.returning > 0 && load.held() > 0 && silentMs < returnQuietMs
    if (nowMs - beganMs >= waitMs + (isReturning ? returnWaitMs : 0)) return
  }
}

/** How long it must have been quiet before it is taken that nothing more will come. */
function quietMsOf({ traffic, pool, returning, held }: Load): number {
  const isSilent = held() < pool.ledger(0).now.ready
  // A session waits between its tries, up to as long as all of this may take.
  if (isSilent || returning > 0) return Number.POSITIVE_INFINITY
  return traffic.awaited > 0 ? Math.max(awaitedQuietMs, 2 * traffic.longestMs) : quietMs
}
