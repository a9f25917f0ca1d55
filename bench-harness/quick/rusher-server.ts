import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Limits } from '../../src/protocol/index.ts'
import { endChild, pidOf } from './peer.ts'
import { childrenOf } from './process-figures.ts'

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
  /** Where every process leaves its processor profile, for which it ends by SIGTERM; absent: none is made. */
  readonly profile?: string | undefined
  /** Options of node in the server's every process. */
  readonly nodeOptions?: readonly string[]
  /** Root of another built checkout whose server is started; absent: this one. */
  readonly checkout?: string | undefined
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

/** From dist/bench-harness/quick to the root of this checkout. */
const ownCheckout = fileURLToPath(new URL('../../../', import.meta.url))

function profileOptions(folder: string | undefined): readonly string[] {
  if (folder === undefined) return []
  const inEdges = new URL('./profile-edge.js', import.meta.url)
  inEdges.searchParams.set('folder', resolve(folder))
  return ['--cpu-prof', `--cpu-prof-dir=${resolve(folder)}`, `--import=${inEdges.href}`]
}

export async function startRusher(options: ServeOptions): Promise<RusherServer> {
  const { folder, storage, edges, capacity, host, port = 0, preload } = options
  const { profile, under = [], checkout = ownCheckout } = options
  const nodeOptions = [...profileOptions(profile), ...(options.nodeOptions ?? [])]
  const limits = { ...lifted, ...options.limits }
  const config = { port, host, edges, capacity, logLevel: 'warn', limits, drainMs: 0 }
  await writeFile(join(folder, 'rusher.config.mjs'), `export default ${JSON.stringify(config)}\n`)
  const where = storage === 'memory' ? 'memory:' : `sqlite:${join(folder, 'rusher.db')}`
  const words = [...nodeOptions, ...(preload === undefined ? [] : [`--import=${preload.href}`])]
  const program = join(checkout, 'bin/rusher.js')
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
  pidOf(child)
  for await (const said of createInterface({ input: child.stdout })) {
    // What it runs under may have something to say first.
    if (under.length > 0 && !said.startsWith('{')) continue
    const { event, port, pid } = JSON.parse(said) as Said
    if (event !== 'listening') throw new Error(`rusher serve said ${said}`)
    return {
      pid,
      port,
      async stop() {
        if (profile === undefined && under.length === 0) return endChild(child)
        if (profile !== undefined) await profileEdges(pid, resolve(profile))
        await endInOrder(child, pid)
      },
    }
  }
  throw new Error('rusher serve ended before it listened')
}

interface Said {
  readonly event: string
  readonly port: number
  readonly pid: number
}

/** Has each edge write its profile, and waits until it has. */
async function profileEdges(core: number, folder: string): Promise<void> {
  const edges = childrenOf(core)
  for (const edge of edges) process.kill(edge, 'SIGUSR2')
  const deadlineMs = performance.now() + endMs
  const names = edges.map((edge) => `CPU.edge.${edge}.0.001.cpuprofile`)
  while (!names.every((name) => existsSync(join(folder, name)))) {
    if (performance.now() > deadlineMs) throw new Error(`an edge has left no profile in ${folder}`)
    await pause(100)
  }
}

/** Has the server end, and waits until what it runs under has ended as well. */
async function endInOrder(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(endMs) })
  process.kill(pid, 'SIGTERM')
  await ended
}
