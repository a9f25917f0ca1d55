import { defaultLimits, RusherError } from '../../protocol/index.ts'
import type { Config } from '../../server/index.ts'
import {
  type CapacityPlan,
  type Closed,
  createPinoLog,
  createServer,
  planCapacity,
  type Rolled,
  type RusherServer,
  readMachine,
  type ServerOptions,
  semiSpaceOf,
} from '../../server/index.ts'
import { exitCodeOf, exitCodes } from '../exit-codes.ts'
import { configFromFlags, type ServeFlags } from '../flags.ts'
import { loadConfig, loadDotEnv } from '../load-config.ts'
import { launchEdge } from './launch-edge.ts'
import { createReporter, type Reporter } from './reporter.ts'
import { type End, listenForSignals } from './signals.ts'
import { boundYoungGeneration } from './young-generation.ts'

/** Beyond this the server ends, whatever is still open. */
const closeDeadlineMs = 10_000
/** Starts anew from disk within `windowMs`; one more, and the fault is not passing. */
const restartTimes = { max: 5, windowMs: 60_000, afterMs: 200 } as const

/** Runs `rusher serve` until it is told to end. Resolves to the exit code. */
export async function runServe(flags: ServeFlags): Promise<number> {
  const reporter = createReporter(process.stdout, process.stderr, flags.json === true)
  boundYoungGeneration(process.env['NODE_OPTIONS'])
  try {
    loadDotEnv(process.cwd())
    const config = await loadConfig({
      directory: process.cwd(),
      file: flags.config,
      environment: process.env,
      flags: configFromFlags(flags),
    })
    return await serveUntilEnd(config, flags, reporter)
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    reporter.failed(error)
    return exitCodeOf(error)
  }
}

async function serveUntilEnd(
  config: Config,
  flags: ServeFlags,
  reporter: Reporter,
): Promise<number> {
  const plan = planOf(config)
  if (flags.plan === true) {
    reporter.planned(neededPlan(plan))
    return exitCodes.ok
  }
  const log = createPinoLog(config.logLevel ?? 'warn')
  const { edges: _edges, capacity: _capacity, logLevel: _logLevel, ...rest } = config
  const options: ServerOptions = { ...rest, log, ...limitsWith(config, plan) }
  const edges = plan?.edges ?? config.edges ?? 0
  const startOn = (more: ServerOptions): Promise<RusherServer> =>
    start({ ...options, ...more }, { edges, flags, plan })
  const signals = listenForSignals()
  const restarts = createRestarts()
  const { descriptorsMax } = readMachine()
  const roll = createRoll(config, reporter)

  for (let server = await startOn({}); ; ) {
    const current = server
    reporter.listening(server, { edges, config, plan, descriptorsMax })
    signals.onRoll(() => roll(current))
    const end = await Promise.race([signals.end, server.failed])
    if (!(end instanceof RusherError)) return await stop(server, end, config, reporter)

    reporter.restarting(end)
    const closed = await server.close({ spreadMs: 0, deadlineMs: 2_000 })
    if (closed.fault !== undefined)
      log.warn({ err: closed.fault }, 'storage was let go after its fault')
    server = await restarts.again(end, () => startOn({ port: current.port }))
  }
}

function planOf({ capacity, edges, limits }: Config): CapacityPlan | undefined {
  if (capacity === undefined) return undefined
  const sessionsMax = limits?.sessionsMax ?? defaultLimits.sessionsMax
  const asked = { capacity, sessionsMax, ...(edges === undefined ? {} : { edges }) }
  return planCapacity(asked, readMachine())
}

function neededPlan(plan: CapacityPlan | undefined): CapacityPlan {
  if (plan !== undefined) return plan
  throw new RusherError('CONFIG', 'there is nothing to plan: say --capacity, in sessions')
}

/** A process takes as many sessions as it was planned for. */
function limitsWith(
  { limits }: Config,
  plan: CapacityPlan | undefined,
): Pick<ServerOptions, 'limits'> {
  return plan === undefined ? {} : { limits: { ...limits, sessionsMax: plan.sessionsMax } }
}

/** Replaces the edges when it is asked to; what is asked for meanwhile is one more round, and told once. */
function createRoll({ drainMs }: Config, reporter: Reporter): (server: RusherServer) => void {
  const told = new WeakSet<Promise<Rolled>>()
  const spread = drainMs === undefined ? {} : { spreadMs: drainMs }
  return (server) => {
    if (server.roll === undefined) return reporter.nothingToRoll()
    const round = server.roll({ ...spread, progress: reporter.rolling })
    if (told.has(round)) return
    told.add(round)
    void round.then(reporter.rolled)
  }
}

/** Starts anew from what is on disk, a few times: a fault that stays is not passing, and is thrown. */
function createRestarts(): {
  again(fault: RusherError, start: () => Promise<RusherServer>): Promise<RusherServer>
} {
  const failures: number[] = []

  function count(fault: RusherError): void {
    const now = performance.now()
    failures.push(now)
    if (failures.filter((at) => now - at < restartTimes.windowMs).length > restartTimes.max)
      throw fault
  }

  return {
    async again(fault, start) {
      for (let last = fault; ; ) {
        count(last)
        await new Promise((resolve) => setTimeout(resolve, restartTimes.afterMs))
        try {
          return await start()
        } catch (error) {
          if (!(error instanceof RusherError)) throw error
          last = error
        }
      }
    },
  }
}

interface Shape {
  readonly edges: number
  readonly flags: ServeFlags
  readonly plan: CapacityPlan | undefined
}

function start(options: ServerOptions, { edges, flags, plan }: Shape): Promise<RusherServer> {
  if (edges === 0) return createServer(options)
  const orders = { flags, ...(plan === undefined ? {} : { sessionsMax: plan.sessionsMax }) }
  const heap = plan?.edgeHeap ?? { semiSpaceMb: semiSpaceOf(edges) }
  return createServer(options, { count: edges, launch: () => launchEdge(orders, heap) })
}

/** SIGTERM is a deploy: clients are spread. SIGINT is somebody at a terminal, who does not want to wait. */
async function stop(
  server: RusherServer,
  { signal }: End,
  config: Config,
  reporter: Reporter,
): Promise<number> {
  const spreadMs = signal === 'SIGTERM' ? (config.drainMs ?? 5_000) : 0
  reporter.draining(signal, server.sessions, spreadMs)
  const closed: Closed = await server.close({
    spreadMs,
    deadlineMs: Math.max(closeDeadlineMs, spreadMs + 5_000),
  })
  reporter.ended(closed)
  return closed.unsaved === 0 && closed.fault === undefined ? exitCodes.ok : exitCodes.failure
}
