import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
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
  /** A program, with its words, that is given the server's command line and runs it. It then ends by SIGTERM too. */
  readonly under?: readonly string[]
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
  // What is refused for now comes again a little later; here nobody would.
  acceptLateMs: 60_000,
}

/** An end by SIGTERM: what the server is run under may have to work out what it saw. */
const endMs = 180_000

/** From dist/bench-harness/quick to the package's own program. */
const program = fileURLToPath(new URL('../../../bin/rusher.js', import.meta.url))

/** Options of node that have every process leave a processor profile in a folder; none without a folder. */
export function profileOptions(folder: string | undefined): readonly string[] {
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(folder)}`]
}

export async function startRusher(options: ServeOptions): Promise<RusherServer> {
  const { folder, storage, edges, capacity, host, port = 0, preload } = options
  const { nodeOptions = [], under = [] } = options
  const limits = { ...lifted, ...options.limits }
  const config = { port, host, edges, capacity, logLevel: 'warn', limits, drainMs: 0 }
  await writeFile(join(folder, 'rusher.config.mjs'), `export default ${JSON.stringify(config)}\n`)
  const where = storage === 'memory' ? 'memory:' : `sqlite:${join(folder, 'rusher.db')}`
  const words = [...nodeOptions, ...(preload === undefined ? [] : [`--import=${preload.href}`])]
  const serve = [process.execPath, program, 'serve', '--json', '--storage', where]
  const [command = process.execPath, ...line] = [...under, ...serve]
  const child = spawn(command, line, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...(under.length === 0 ? { PATH: process.env['PATH'] } : process.env),
      NODE_OPTIONS: words.map((word) => JSON.stringify(word)).join(' '),
    },
  })
  const inOrder = nodeOptions.length + under.length > 0
  pidOf(child)
  for await (const said of createInterface({ input: child.stdout })) {
    // What it runs under may have something to say first.
    if (under.length > 0 && !said.startsWith('{')) continue
    const { event, port, pid } = JSON.parse(said) as Said
    if (event !== 'listening') throw new Error(`rusher serve said ${said}`)
    return {
      pid,
      port,
      stop: () => (inOrder ? endInOrder(child, pid) : endChild(child)),
    }
  }
  throw new Error('rusher serve ended before it listened')
}

interface Said {
  readonly event: string
  readonly port: number
  readonly pid: number
}

/** Has the server end, and waits until what it runs under has ended as well. */
async function endInOrder(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(endMs) })
  process.kill(pid, 'SIGTERM')
  await ended
}
