import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
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
  /** Sessions to be ready for, from which it works out its edges. */
  readonly capacity?: number
  /** Absent: 127.0.0.1. */
  readonly host?: string
  /** A module that the server's processes import first. */
  readonly preload?: URL
  /** Where it listens; absent: at any free port. */
  readonly port?: number
  /** Bounds of its own, beside those that a benchmark lifts anyway. */
  readonly limits?: Partial<Limits>
  /** Options of node for a profile, in the server's every process. It then ends by SIGTERM, since it writes its profile as it ends. */
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

/** Options of node that have every process leave a processor profile in a folder; none without a folder. */
export function profileOptions(folder: string | undefined): readonly string[] {
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(folder)}`]
}

export async function startRusher(options: ServeOptions): Promise<RusherServer> {
  const { folder, storage, edges, capacity, host, port = 0, preload, nodeOptions = [] } = options
  const limits = { ...lifted, ...options.limits }
  const config = { port, host, edges, capacity, logLevel: 'warn', limits, drainMs: 0 }
  await writeFile(join(folder, 'rusher.config.mjs'), `export default ${JSON.stringify(config)}\n`)
  const where = storage === 'memory' ? 'memory:' : `sqlite:${join(folder, 'rusher.db')}`
  const words = [...nodeOptions, ...(preload === undefined ? [] : [`--import=${preload.href}`])]
  const child = spawn(process.execPath, [program, 'serve', '--json', '--storage', where], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      NODE_OPTIONS: words.map((word) => JSON.stringify(word)).join(' '),
    },
  })
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
