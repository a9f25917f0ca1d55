import { Worker } from 'node:worker_threads'
import { type Fault, FaultError } from './fault.ts'
import type { FromThread } from './thread-messages.ts'

/** A worker thread that answers requests one by one. Its asks reject with a `FaultError`. */
export interface Thread<Request> {
  ask<Answer>(request: Request, transfer?: readonly ArrayBuffer[]): Promise<Answer>
  /** Fulfilled once the thread has ended, by itself or not, and the system has what it held. */
  readonly ended: Promise<void>
}

interface ThreadOptions {
  readonly entry: 'writer-thread' | 'reader-thread'
  readonly start: unknown
  /** What an unanswered request is told when the thread ends. */
  readonly lost: Fault
  /** The thread met a final fault without being asked, or ended without being told to. */
  readonly onFailed: (fault: Fault) => void
}

const notStarted = {
  code: 'STORAGE_UNAVAILABLE',
  message:
    'a thread for the database did not start; nothing was written. Where this says EMFILE, raise the limit of open files (ulimit -n)',
}

interface Pending {
  resolve(answer: unknown): void
  reject(error: Error): void
}

/** Starts a thread and waits until it is ready, or rejects with what kept it. */
export async function startThread<Request, Ready>({
  entry,
  start,
  lost,
  onFailed,
}: ThreadOptions): Promise<{ thread: Thread<Request>; ready: Ready }> {
  const pending = new Map<number, Pending>()
  let lastNo = 0
  let cause = ''
  let started = false
  let gone: Fault | undefined
  const worker = new Worker(entryUrl(entry), { workerData: start, execArgv: [], name: entry })

  worker.on('message', (message: FromThread<unknown>) => {
    if ('failed' in message) return onFailed(message.failed)
    const asked = pending.get(message.no)
    pending.delete(message.no)
    if ('fault' in message) asked?.reject(new FaultError(message.fault))
    else asked?.resolve(message.answer)
  })
  worker.on('error', (error) => {
    cause = `: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  })
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      const { code: lostCode, message } = started ? lost : notStarted
      const fault = { code: lostCode, message: `${message}${cause}`, final: true }
      gone = fault
      for (const { reject } of pending.values()) reject(new FaultError(fault))
      pending.clear()
      if (code !== 0) onFailed(fault)
      resolve()
    })
  })

  function waitFor<Answer>(no: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      pending.set(no, { resolve: resolve as (answer: unknown) => void, reject })
    })
  }

  const ready = await waitFor<Ready>(0)
  started = true
  return {
    ready,
    thread: {
      ended,
      ask(request, transfer = []) {
        if (gone !== undefined) return Promise.reject(new FaultError(gone))
        lastNo += 1
        const answer = waitFor<never>(lastNo)
        try {
          worker.postMessage({ no: lastNo, body: request }, [...transfer])
        } catch (error) {
          // The message cannot be cloned, so it would never be answered.
          const asked = pending.get(lastNo)
          pending.delete(lastNo)
          asked?.reject(error instanceof Error ? error : new Error(String(error)))
        }
        return answer
      },
    },
  }
}

/** Node runs the source as it is, by type stripping; the build has it compiled. */
function entryUrl(entry: string): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./${entry}.${extension}`, import.meta.url)
}
