import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { availableParallelism, setPriority } from 'node:os'
import { createLineSplitter } from '../control/line-splitter.ts'
import type { ToRunner } from '../control/messages.ts'
import { parseToRunner } from '../control/parse-to-runner.ts'
import { readText } from '../server-side/read-proc.ts'
import { hostFactsHere } from './host-facts.ts'
import { cacheFolder, createLockFile } from './lock-file.ts'
import { createOutbox } from './outbox.ts'
import { createSilence, endAfterS, stopAfterS } from './silence.ts'
import { createWorkers } from './workers.ts'

/** How long workers have to end when they are asked. */
const endMs = 2_000
/** How often the lock says that the controller is there. */
const touchS = 5
/** A timer holds no more. */
const lifetimeMsMax = 2 ** 31 - 1

interface RunnerWords {
  readonly run: string
  readonly lifetimeMs: number
  readonly folder: string
}

/**
 * Runs until its input ends, it is told to end, the controller has been silent for too long, or its time is over: whatever happens to the
 * controller or to what lies between, no process is left behind.
 */
export function runRunner(program: string, words: readonly string[]): void {
  const { run, lifetimeMs, folder } = parseWords(words)
  // process.stdout would block this process while the controller does not read (Node's documentation, "A note on process I/O").
  const output = new Socket({ fd: 1, readable: false, writable: true })
  const outbox = createOutbox(output)
  const lock = createLockFile(folder, run, process.pid, readText)
  const silence = createSilence()
  const workers = createWorkers({
    fork: (worker, flags) =>
      fork(program, ['worker', run, String(worker)], {
        execArgv: [...flags],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      }),
    say: outbox.send,
    changed: () => lock?.write(workers.pids),
    processors: availableParallelism(),
    // As the edges of a server that has more of them than processors.
    giveWay: (pid) => setPriority(pid, 10),
  })

  const leave = (why: string | undefined): never => {
    if (why !== undefined) process.stderr.write(`rusher runner: ${why}\n`)
    process.exit(why === undefined ? 0 : 1)
  }
  output.on('error', () => leave('the controller is gone'))
  process.on('exit', () => {
    workers.kill()
    lock?.remove()
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => leave(`ended by ${signal}`))
  setTimeout(() => leave(`its ${lifetimeMs} ms are over`), lifetimeMs)
  let seconds = 0
  setInterval(() => {
    seconds += 1
    const due = silence.second()
    if (due === 'go on' && seconds % touchS === 0 && !silence.isLong) lock?.touch()
    if (due === 'end') leave(`nothing was heard for ${endAfterS} s`)
    if (due !== 'stop') return
    workers.tell({ type: 'phase', phase: 'drain', at: monotonicMs() })
    const text = `nothing was heard from the controller for ${stopAfterS} s: the load ends`
    outbox.send({ type: 'fault', message: text })
  }, 1_000)

  function take(message: ToRunner): void {
    switch (message.type) {
      case 'clock': {
        const { no } = message
        return outbox.send({ type: 'clock', no, at: monotonicMs(), wallMs: Date.now() })
      }
      case 'prepare':
        return workers.prepare(message.plan, message.workers)
      case 'phase':
      case 'act':
      case 'beat':
        return workers.tell(message)
      case 'end':
        setTimeout(() => leave(undefined), endMs)
        return workers.end(() => outbox.end(() => leave(undefined)))
      default:
        return message satisfies never
    }
  }

  const split = createLineSplitter(
    (line) => {
      silence.heard()
      const message = parseToRunner(line)
      if ('refused' in message) leave(`the controller sent ${message.refused}`)
      else take(message)
    },
    () => leave('the controller sent a line without end'),
  )
  lock?.write([])
  process.stdin.setEncoding('utf8').on('data', split)
  process.stdin.on('end', () => leave(undefined)).on('error', () => leave(undefined))
  const bundle = createHash('sha256').update(readFileSync(program)).digest('hex')
  outbox.send({ type: 'hello', bundle, facts: hostFactsHere() })
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

function parseWords([run = '', lifetime = '', folder]: readonly string[]): RunnerWords {
  const lifetimeMs = Number(lifetime)
  if (!/^[\w.-]+$/.test(run) || !(lifetimeMs > 0 && lifetimeMs <= lifetimeMsMax)) {
    process.stderr.write('rusher runner: expects <run> <lifetime in ms> [<folder>]\n')
    process.exit(2)
  }
  return { run, lifetimeMs, folder: folder ?? cacheFolder(process.env) }
}
