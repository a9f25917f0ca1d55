import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { defaultLimits, type Limits, RusherError } from '../../src/protocol/index.ts'
import type { Plan } from '../plan/plan.ts'

/** What a run does to its own server; the words that the guard takes. */
export type ServerAct = 'kill' | 'drain' | 'roll'

/** A Rusher that a run started itself, on this machine. */
export interface OwnServer {
  readonly pid: number
  readonly port: number
  readonly databaseFile: string | undefined
  /**
   * Ends it with SIGKILL, or in order, and starts it again on the same port and files; or has it replace its edges, one set by another.
   * Rejects with a RusherError where it does not come back, or has no edges to replace.
   */
  restart(how: ServerAct): Promise<void>
  /** Called when it ends and nobody asked. */
  onDied(listener: (how: string) => void): void
  stop(): Promise<void>
}

/** A rate limit is a promise to other clients, and in its own run there are none. */
const lifted: Partial<Limits> = {
  commandsPerSecond: 10_000_000,
  commandsBurst: 10_000_000,
  publishesPerSecond: 10_000_000,
  publishesBurst: 10_000_000,
}

const program = fileURLToPath(new URL('../../../bin/rusher.js', import.meta.url))
const guard = fileURLToPath(new URL('./guard.js', import.meta.url))
/** Of the silence after which the workers ask. */
const pingShare = 5 / 7
/** Sessions up to which a capacity is one process. */
const oneProcessMax = 20_000
/** A server that has not said where it listens by then will not; one for more connections has more processes to start. */
const startBaseMs = 30_000
const startMsOfConnection = 0.1
const startMsOfEdge = 2_000

/**
 * One side asks for signs of life, which is enough: the server, before the workers would. With the
 * usual keepalive its times are the usual ones. It waits for a session's `connect` as long as the
 * session may take. It turns none away for being late: it shares its processors with the load
 * generator and with whatever else the machine does, and a late attempt counts in the latencies.
 */
function patience({ timeouts }: Patience): Partial<Limits> {
  const { upgradeMs, readyMs, keepaliveMs } = timeouts
  const pingMs = Math.round(keepaliveMs * pingShare)
  return {
    pingMs,
    pongMs: keepaliveMs - pingMs,
    connectMs: Math.max(defaultLimits.connectMs, upgradeMs, readyMs),
    acceptLateMs: upgradeMs,
  }
}

type Patience = Pick<Plan, 'timeouts'>

interface Process {
  readonly child: ChildProcess
  /** What it says after it has said where it listens. */
  readonly lines: Interface
  readonly pid: number
  readonly port: number
}

/** Starts one in an empty folder, ready for so many sessions. Should this process be killed, both are removed. */
export async function startOwnServer(options: {
  readonly folder: string
  readonly plan: Pick<Plan, 'connections'> & Patience
  readonly storage: 'sqlite' | 'memory'
  readonly edges?: number
  /** Edges that it has even where fewer would hold so many. */
  readonly edgesLeast?: number
  /** Listens on every address, since one of loopback has not ports enough for so many. */
  readonly everywhere?: boolean
}): Promise<OwnServer> {
  const { folder, plan, storage, everywhere = false } = options
  const { connections } = plan
  const capacity = connections + 1_000
  // Where one process would do, the capacity works out none.
  const edges = options.edges ?? (capacity <= oneProcessMax ? options.edgesLeast : undefined)
  const databaseFile = storage === 'sqlite' ? join(folder, 'rusher.db') : undefined
  const launch = async (port: number): Promise<Process> => {
    const limits = { ...lifted, ...patience(plan), sessionsMax: capacity }
    const size = edges === undefined ? { capacity } : { edges }
    const host = everywhere ? { host: '0.0.0.0' } : {}
    const config = { port, logLevel: 'error', limits, drainMs: 2_000, ...size, ...host }
    await writeFile(join(folder, 'rusher.config.mjs'), `export default ${JSON.stringify(config)}\n`)
    const where = databaseFile === undefined ? 'memory:' : `sqlite:${databaseFile}`
    const words = [program, 'serve', '--json', '--storage', where]
    return launched(
      spawn(process.execPath, [guard, folder, process.execPath, ...words], {
        cwd: folder,
        stdio: ['pipe', 'pipe', 'pipe'],
      }),
      startBaseMs + connections * startMsOfConnection + (edges ?? 0) * startMsOfEdge,
    )
  }
  return watchOver(await launch(0), launch, databaseFile)
}

function watchOver(
  first: Process,
  launch: (port: number) => Promise<Process>,
  databaseFile: string | undefined,
): OwnServer {
  let current = first
  let asked = false
  const listeners: ((how: string) => void)[] = []
  const watch = ({ child }: Process): void => {
    child.once('exit', (code, signal) => {
      if (asked || child !== current.child) return
      for (const listener of listeners) listener(signal ?? `exit code ${code}`)
    })
  }
  const end = (how: 'kill' | 'drain'): Promise<void> => {
    const { child } = current
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.stdin?.write(`${how}\n`)
    })
  }
  watch(first)
  return {
    get pid() {
      return current.pid
    },
    port: first.port,
    databaseFile,
    async restart(how) {
      if (how === 'roll') return roll(current)
      asked = true
      await end(how)
      current = await launch(first.port)
      asked = false
      watch(current)
    },
    onDied: (listener) => void listeners.push(listener),
    async stop() {
      asked = true
      await end('kill')
    },
  }
}

/** Has a server replace its edges; resolves when all are new and the old ones are gone. */
function roll({ child, lines }: Process): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: RusherError): void => {
      lines.off('line', hear)
      child.off('exit', died)
      if (error === undefined) resolve()
      else reject(error)
    }
    const died = (): void => done(new RusherError('SERVER_DIED', 'the server ended during a roll'))
    const hear = (line: string): void => {
      const said = JSON.parse(line) as { event?: string; message?: string }
      if (said.event === 'rolled') done()
      if (said.event === 'roll-failed')
        done(new RusherError('ROLL_FAILED', `edges were not replaced: ${said.message}`))
    }
    lines.on('line', hear)
    child.once('exit', died)
    child.stdin?.write('roll\n')
  })
}

/** Waits for the line in which a server says where it listens. */
function launched(child: ChildProcess, startMs: number): Promise<Process> {
  let errors = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    errors = `${errors}${bytes}`.slice(-2_000)
  })
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      // The end of its standard input ends the guard, and with it a server that may yet start.
      child.stdin?.end()
      clearTimeout(late)
      reject(
        new RusherError('SERVER_START', `rusher serve did not start: ${why}\n${errors}`.trim()),
      )
    }
    const late = setTimeout(() => fail(`nothing within ${Math.round(startMs / 1_000)} s`), startMs)
    child.once('exit', (code) => fail(`it ended with ${code}`))
    if (child.stdout === null) return fail('no standard output')
    const lines = createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { event?: string; port?: number; pid?: number }
      if (said.event !== 'listening' || said.port === undefined || said.pid === undefined) return
      clearTimeout(late)
      resolve({ child, lines, pid: said.pid, port: said.port })
    })
  })
}
