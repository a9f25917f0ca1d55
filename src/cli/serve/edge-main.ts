import { Socket } from 'node:net'
import { RusherError } from '../../protocol/index.ts'
import { createPinoLog } from '../../server/log/pino-log.ts'
import { refuseToRun, runEdgeProcess } from '../../server/run-edge-process.ts'
import { configFromFlags } from '../flags.ts'
import { loadConfig, loadDotEnv } from '../load-config.ts'
import { type EdgeOrders, linkDescriptor } from './launch-edge.ts'

// The entry of an edge process: the one module of the command line that acts when it is loaded.
// Signals to the group are the core's affair: it drains its edges, replaces them, and ends them by ending their link.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)

const { flags, sessionsMax } = JSON.parse(process.argv[2] ?? '{}') as EdgeOrders
const pipe = new Socket({ fd: linkDescriptor })
try {
  loadDotEnv(process.cwd())
  const config = await loadConfig({
    directory: process.cwd(),
    file: flags.config,
    environment: process.env,
    flags: configFromFlags(flags),
  })
  const { edges: _edges, capacity: _capacity, logLevel = 'warn', ...options } = config
  const limits = sessionsMax === undefined ? {} : { limits: { ...options.limits, sessionsMax } }
  await runEdgeProcess({ ...options, ...limits, log: createPinoLog(logLevel) }, pipe)
} catch (error) {
  if (!(error instanceof RusherError)) throw error
  // The configuration is another than the one the core started with.
  await refuseToRun(pipe, error)
}
process.exit(0)
