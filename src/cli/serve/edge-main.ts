import { Socket } from 'node:net'
import { createPinoLog } from '../../server/log/pino-log.ts'
import { runEdgeProcess } from '../../server/run-edge-process.ts'
import { configFromFlags, type ServeFlags } from '../flags.ts'
import { loadConfig } from '../load-config.ts'
import { linkDescriptor } from './launch-edge.ts'

// The entry of an edge process: the one module of the command line that acts when it is loaded.
// Signals to the group are the core's affair: it drains its edges, and ends them by ending their link.
process.on('SIGTERM', () => undefined)
process.on('SIGINT', () => undefined)

const flags = JSON.parse(process.argv[2] ?? '{}') as ServeFlags
const config = await loadConfig({
  directory: process.cwd(),
  file: flags.config,
  environment: process.env,
  flags: configFromFlags(flags),
})
const { edges: _edges, capacity: _capacity, logLevel = 'warn', ...options } = config
await runEdgeProcess(
  { ...options, log: createPinoLog(logLevel) },
  new Socket({ fd: linkDescriptor }),
)
process.exit(0)
