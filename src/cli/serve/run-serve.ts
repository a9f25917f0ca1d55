import { RusherError } from '../../protocol/index.ts'
import type { Config } from '../../server/index.ts'
import {
  type Closed,
  createPinoLog,
  createServer,
  edgesFor,
  limitsOf,
  type RusherServer,
  type ServerOptions,
} from '../../server/index.ts'
import { exitCodeOf, exitCodes } from '../exit-codes.ts'
import { configFromFlags, type ServeFlags } from '../flags.ts'
import { loadConfig } from '../load-config.ts'
import { launchEdge } from './launch-edge.ts'
import { createReporter, type Reporter } from './reporter.ts'
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
  const log = createPinoLog(config.logLevel ?? 'warn')
  const { edges: _edges, capacity: _capacity, logLevel: _logLevel, ...rest } = config
  const options: ServerOptions = { ...rest, log }
  const edges = edgesOf(config)
  const signals = listenForSignals()
  const restarts = createRestarts()

  for (let server = await start(options, edges, flags); ; ) {
    reporter.listening(server, { edges, config })
    const end = await Promise.race([signals.first, server.failed])
    if (!(end instanceof RusherError)) return await stop(server, end, config, reporter)

    reporter.restarting(end)
    const closed = await server.close({ spreadMs: 0, deadlineMs: 2_000 })
    if (closed.fault !== undefined)
      log.warn({ err: closed.fault }, 'storage was let go after its fault')
    server = await restarts.again(end, () => start({ ...options, port: server.port }, edges, flags))
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

function start(options: ServerOptions, edges: number, flags: ServeFlags): Promise<RusherServer> {
  if (edges === 0) return createServer(options)
  return createServer(options, { count: edges, launch: () => launchEdge(flags) })
}

function edgesOf({ edges, capacity, limits }: Config): number {
  if (edges !== undefined) return edges
  if (capacity === undefined) return 0
  const needed = edgesFor(capacity, limitsOf({ ...limits, sessionsMax: capacity }))
  return needed === 1 ? 0 : needed
}

interface End {
  readonly signal: 'SIGTERM' | 'SIGINT'
}

/** The first signal ends in order, the second at once. */
function listenForSignals(): { readonly first: Promise<End> } {
  const { promise, resolve } = Promise.withResolvers<End>()
  let seen = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (seen) process.exit(exitCodes.failure)
      seen = true
      resolve({ signal })
    })
  }
  return { first: promise }
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
