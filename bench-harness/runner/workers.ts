import type { ChildProcess } from 'node:child_process'
import type { FromRunner, Share, ToRunner } from '../control/messages.ts'
import type { Plan } from '../plan/plan.ts'
import { nodeFlagsOf } from './node-flags.ts'

/** As with the edges of a server: fewer need not give way. */
const manyPerProcessor = 8
/** Kept of what a worker wrote, to say how it died. */
const lastWordsMax = 2_000

export interface WorkersParts {
  /** Starts a process that speaks over IPC, with its output in pipes, and with flags for Node. */
  fork(worker: number, flags: readonly string[]): ChildProcess
  say(message: FromRunner): void
  /** The processes are others than before. */
  changed(): void
  readonly processors: number
  /** Lets others run first. */
  giveWay(pid: number): void
}

/** The worker processes of a host. */
export interface Workers {
  readonly pids: readonly number[]
  /** Starts one for each share; those of an earlier plan are ended. */
  prepare(plan: Plan, shares: readonly Share[]): void
  tell(message: ToRunner): void
  /** Asks all to end; calls back when none is left. */
  end(done: () => void): void
  /** Ends all at once, also those that do not listen. */
  kill(): void
}

export function createWorkers(parts: WorkersParts): Workers {
  const { fork, say, changed, giveWay } = parts
  const running = new Map<ChildProcess, number>()
  const asked = new WeakSet<ChildProcess>()
  let whenEmpty: (() => void) | undefined

  function start(plan: Plan, share: Share, givesWay: boolean): void {
    const child = fork(share.worker, nodeFlagsOf(plan, share))
    if (givesWay && child.pid !== undefined) giveWay(child.pid)
    const lastWords = collectLastWords(child)
    let isGone = false
    const gone = (how: string): void => {
      if (isGone) return
      isGone = true
      running.delete(child)
      if (!asked.has(child)) {
        const words = lastWords()
        const text = words === '' ? how : `${how}: ${words}`
        say({ type: 'worker_died', worker: share.worker, how: text })
      }
      changed()
      if (running.size === 0) whenEmpty?.()
    }
    running.set(child, share.worker)
    child.on('message', (message) => {
      if (!asked.has(child)) say(message as FromRunner)
    })
    // Its pipes may still hold its last words when it has exited; `close` comes after them.
    child.on('close', (code, signal) => gone(signal === null ? `exit code ${code}` : signal))
    child.on('error', (error) => {
      if (child.pid === undefined) gone(error.message)
    })
    tellOne(child, { type: 'prepare', plan, workers: [share] })
  }

  const killAll = (): void => {
    for (const child of running.keys()) {
      asked.add(child)
      child.kill('SIGKILL')
    }
  }

  return {
    get pids() {
      return [...running.keys()].flatMap(({ pid }) => pid ?? [])
    },
    prepare(plan, shares) {
      killAll()
      // What tells of them, and a server that is here too, must not wait for its turn among so many.
      const givesWay = shares.length > manyPerProcessor * parts.processors
      for (const share of shares) start(plan, share, givesWay)
      changed()
    },
    tell(message) {
      for (const child of running.keys()) tellOne(child, message)
    },
    end(done) {
      whenEmpty = done
      for (const child of running.keys()) {
        asked.add(child)
        tellOne(child, { type: 'end' })
      }
      if (running.size === 0) done()
    },
    kill: killAll,
  }
}

function tellOne(child: ChildProcess, message: ToRunner): void {
  // One that cannot be told any more has ended, and `close` says so.
  if (child.connected) child.send(message, () => undefined)
}

function collectLastWords(child: ChildProcess): () => string {
  let words = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-lastWordsMax)
    })
  return () => words.trim()
}
