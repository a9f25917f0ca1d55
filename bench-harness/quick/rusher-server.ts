import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Limits } from '../../src/protocol/index.ts'
import { endChild, pidOf } from './peer.ts'

/** `rusher serve` in a child process. */
export interface RusherServer {
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

export interface ServeOptions {
  /** An empty folder: the configuration goes there, and the database. */
  readonly folder: string
  readonly storage: 'sqlite' | 'memory'
  readonly edges?: number
  /** A module that the server's processes import first. */
  readonly preload?: URL
  /** Where it listens; absent: at any free port. */
  readonly port?: number
  /** Bounds of its own, beside those that a benchmark lifts anyway. */
  readonly limits?: Partial<Limits>
  /** Options of node, for a profile. */
  readonly nodeOptions?: readonly string[]
}

/** A rate limit is a promise to the other clients, and here there are none. */
const lifted: Partial<Limits> = {
  commandsPerSecond: 10_000_000,
  commandsBurst: 10_000_000,
  publishesPerSecond: 10_000_000,
  publishesBurst: 10_000_000,
  frameCommandsMax: 1_024,
  frameBytesMax: 1_024 * 1_024,
  sessionPendingMax: 1_024,
}

/** From dist/bench-harness/quick to the package's own program. */
const program = fileURLToPath(new URL('../../../bin/rusher.js', import.meta.url))

export async function startRusher(options: ServeOptions): Promise<RusherServer> {
  const { folder, storage, edges = 0, port = 0, preload, nodeOptions = [] } = options
  const limits = { ...lifted, ...options.limits }
  const config = { port, edges, logLevel: 'warn', limits }
  await writeFile(join(folder, 'rusher.config.mjs'), `export default ${JSON.stringify(config)}\n`)
  const where = storage === 'memory' ? 'memory:' : `sqlite:${join(folder, 'rusher.db')}`
  const child = spawn(
    process.execPath,
    [...nodeOptions, program, 'serve', '--json', '--storage', where],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        ...(preload === undefined ? {} : { NODE_OPTIONS: `--import=${preload.href}` }),
      },
    },
  )
  const pid = pidOf(child)
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { readonly event: string; readonly port: number }
    if (said.event !== 'listening') throw new Error(`rusher serve said ${line}`)
    return {
      pid,
      port: said.port,
      stop: () => endChild(child, nodeOptions.length > 0 ? 'SIGTERM' : 'SIGKILL'),
    }
  }
  throw new Error('rusher serve ended before it listened')
}
