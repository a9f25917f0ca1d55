import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { isAlive, waitUntilGone } from './processes.ts'

const program = fileURLToPath(new URL('../../bin/rusher.js', import.meta.url))

export interface ServeOptions {
  /** Working folder: the database is in it, and the configuration, where there is one. */
  readonly directory: string
  readonly edges?: number
  /** `none` leaves `--port` out. Default 0. */
  readonly port?: number | 'none'
  readonly storage?: string
  /** What rusher.config.mjs exports, as JavaScript: an expression. */
  readonly config?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
  /** Files that each of its processes may open. */
  readonly descriptorsMax?: number
  /** Has the server ended later; with the test if absent. For one that several tests share. */
  readonly atEnd?: AtEnd
}

/** Takes what must be done at the end. */
export type AtEnd = (end: () => void | Promise<void>) => void

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** `rusher serve` as somebody starts it: its own process, watched from outside. */
export interface Served {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Events of its `--json` output. */
  readonly events: readonly ServeEvent[]
  /** What it wrote to standard error. */
  errors(): string
  readonly exited: Promise<Exit>
  signal(name: NodeJS.Signals): void
  /** Ends it at once, as a crash of the machine would; resolves when all of its processes are gone. */
  crash(): Promise<void>
}

export interface ServeEvent {
  readonly event: string
  readonly url?: string
  readonly port?: number
  readonly code?: string
  readonly message?: string
  readonly sessionsMax?: number
  readonly unsaved?: number
  readonly cutOff?: number
  /** Of a roll. */
  readonly step?: string
  readonly pids?: readonly number[]
}

/** Starts a server and waits until it listens; it is ended with the test. */
export async function serve(options: ServeOptions): Promise<Served> {
  const run = runServe(options)
  const { events, exited } = run
  await Promise.race([run.listening, exited])
  const listening = events.find(({ event }) => event === 'listening')
  if (listening?.url === undefined || listening.port === undefined) {
    throw new Error(`the server did not listen: ${run.errors()} ${JSON.stringify(await exited)}`)
  }
  return { ...run, url: listening.url, port: listening.port }
}

/** Starts a server of which is not known whether it will listen. */
export function runServe(options: ServeOptions): Omit<Served, 'url' | 'port'> & {
  readonly listening: Promise<void>
} {
  const { directory, config } = options
  if (config !== undefined) {
    writeFileSync(join(directory, 'rusher.config.mjs'), `export default ${config}\n`)
  }
  const [command = '', ...words] = [
    ...(options.descriptorsMax === undefined ? [] : limitedTo(options.descriptorsMax)),
    process.execPath,
    program,
    ...argumentsOf(options),
  ]
  const child = spawn(command, words, {
    cwd: directory,
    env: { ...inherited(), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const events: ServeEvent[] = []
  const errors: string[] = []
  const listening = Promise.withResolvers<void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = JSON.parse(line) as ServeEvent
    events.push(event)
    if (event.event === 'listening') listening.resolve()
  })
  child.stderr.on('data', (text: Buffer) => void errors.push(text.toString()))
  const exited = new Promise<Exit>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  const { atEnd = onTestFinished } = options
  atEnd(async () => {
    await crash(child)
    await exited
  })
  return {
    pid: child.pid ?? 0,
    events,
    exited,
    listening: listening.promise,
    errors: () => errors.join(''),
    signal: (name) => void child.kill(name),
    crash: () => crash(child),
  }
}

async function crash(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  await waitUntilGone(child.pid, () => {
    if (isAlive(child.pid ?? 0)) child.kill('SIGKILL')
  })
}

/** What a command is run by for it to have so few descriptors. */
function limitedTo(descriptorsMax: number): readonly string[] {
  return ['sh', '-c', `ulimit -n ${descriptorsMax}; exec "$0" "$@"`]
}

function argumentsOf(options: ServeOptions): readonly string[] {
  const { directory, edges = 0, port = 0, flags = [] } = options
  const storage = options.storage ?? `sqlite:${join(directory, 'rusher.db')}`
  const asked = port === 'none' ? [] : ['--port', String(port)]
  const given = [...asked, '--storage', storage, '--edges', String(edges)]
  return ['serve', '--json', ...given, ...flags]
}

/** The environment without what would configure the server, or lift its limits. */
function inherited(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('RUSHER_') && name !== 'NODE_OPTIONS' && name !== 'PORT',
  )
  return Object.fromEntries(kept)
}
