import { Worker } from 'node:worker_threads'
import { RusherError } from '../../../protocol/index.ts'
import { contain, type FaultContext } from '../../runtime/containment.ts'
import type { EngineAnswer, EngineStart, EngineTask } from './worker-messages.ts'

/** Why a task has no result: it threw, or it took its thread down. */
export type WorkerLaneFault = 'threw' | 'took too long' | 'ended its thread'

export class WorkerLaneError extends RusherError {
  readonly fault: WorkerLaneFault

  constructor(fault: WorkerLaneFault, detail: string) {
    super('ENGINE_FAILED', `a task on a document ${fault}${detail === '' ? '' : `: ${detail}`}`)
    this.fault = fault
  }
}

/**
 * One thread, and the tasks that wait for it. It is started when there is something to do, given one task at a time so that it is known
 * which one made it hang, and replaced when it does.
 */
export interface WorkerLane {
  /** Rejects with a WorkerLaneError, or with ENGINE_CLOSED. */
  run<Result>(task: EngineTask, withinMs: number): Promise<Result>
  /** Tasks that are queued or running. */
  readonly tasks: number
  /** How long tasks have waited without any task finishing, in milliseconds; 0 if none waits. */
  readonly stalledMs: number
  close(): Promise<void>
}

interface LaneOptions {
  readonly start: EngineStart
  /**
   * Heap limit of the thread, in MB. It is a backstop: a thread whose code exceeds it ends alone, but
   * Node ends the process if one native call exceeds it by more than 16 MB. What a task may need is
   * bounded by `EngineLimits` and `json`.
   */
  readonly heapMb: number
  readonly faults: FaultContext
  readonly monotonicMs: () => number
}

/** When a task was given to the thread, and the CPU time of the process at that point. */
interface Since {
  readonly cpu: NodeJS.CpuUsage
  readonly startMs: number
}

/** By what factor a task may exceed its timeout if the machine is out of CPU time. */
const starvedTimesMax = 10

interface Waiting {
  readonly task: EngineTask
  readonly withinMs: number
  readonly resolve: (result: unknown) => void
  readonly reject: (error: RusherError) => void
}

export function createWorkerLane({ start, heapMb, faults, monotonicMs }: LaneOptions): WorkerLane {
  const waiting: Waiting[] = []
  let worker: Worker | undefined
  let current: Waiting | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false
  /** When a task last finished, or when the first waiting task arrived. */
  let movedMs = 0

  function open(): Worker {
    const made = new Worker(entryUrl(), {
      workerData: start,
      execArgv: [],
      name: 'document-engine',
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
      // Yjs tells the console of what it does not like in a peer's bytes.
      stdout: true,
      stderr: true,
    })
    let cause = ''
    made.stdout.resume()
    made.stderr.resume()
    made.on('message', (answer: EngineAnswer) => {
      // A worker that was abandoned may still answer; its answer is ignored.
      if (worker !== made) return
      const done = settle()
      if ('failed' in answer) done?.reject(new WorkerLaneError('threw', answer.failed))
      else done?.resolve(answer.result)
      next()
    })
    made.on('messageerror', ({ message }: Error) => {
      if (worker !== made) return
      settle()?.reject(new WorkerLaneError('threw', message))
      next()
    })
    made.on('error', (error) => {
      cause = error instanceof Error ? error.message : String(error)
    })
    made.on('exit', () => {
      if (worker !== made) return
      gone(new WorkerLaneError('ended its thread', cause))
    })
    return made
  }

  function settle(): Waiting | undefined {
    clearTimeout(timer)
    const done = current
    current = undefined
    movedMs = monotonicMs()
    return done
  }

  function gone(error: WorkerLaneError): void {
    worker = undefined
    const done = settle()
    done?.reject(error)
    next()
  }

  function next(): void {
    if (current !== undefined || closed) return
    current = waiting.shift()
    if (current === undefined) return
    const given = current
    try {
      worker ??= open()
      worker.postMessage(given.task)
    } catch (error) {
      // The task cannot be cloned, or no thread can be started: only this task fails.
      settle()?.reject(new WorkerLaneError('threw', error instanceof Error ? error.message : ''))
      setImmediate(next)
      return
    }
    watch(given, given.withinMs, { cpu: process.cpuUsage(), startMs: monotonicMs() })
  }

  function watch(given: Waiting, inMs: number, since: Since): void {
    // Where this thread itself was held up, the answer may be here already and is read first.
    timer = setTimeout(
      () => setImmediate(() => setImmediate(() => overrun(given, since))),
      Math.ceil(inMs),
    )
  }

  /**
   * Handles a timeout. A thread without CPU time is not stuck, so the CPU time of the process
   * counts.
   */
  function overrun(given: Waiting, since: Since): void {
    if (current !== given) return
    const { user, system } = process.cpuUsage(since.cpu)
    const leftMs = given.withinMs - (user + system) / 1_000
    const waitedMs = monotonicMs() - since.startMs
    if (leftMs > 0 && waitedMs < starvedTimesMax * given.withinMs) {
      return watch(given, Math.max(leftMs, 10), since)
    }
    const stuck = worker
    gone(new WorkerLaneError('took too long', `${given.withinMs} ms`))
    if (stuck !== undefined) contain(faults, 'worker', stuck.terminate())
  }

  function endedError(): RusherError {
    return new RusherError('ENGINE_CLOSED', 'the engine of documents was closed')
  }

  return {
    run(task, withinMs) {
      if (closed) return Promise.reject(endedError())
      return new Promise((resolve, reject) => {
        if (current === undefined && waiting.length === 0) movedMs = monotonicMs()
        waiting.push({ task, withinMs, resolve: resolve as (result: unknown) => void, reject })
        next()
      })
    },
    get tasks() {
      return waiting.length + (current === undefined ? 0 : 1)
    },
    get stalledMs() {
      return current === undefined && waiting.length === 0 ? 0 : monotonicMs() - movedMs
    },
    async close() {
      closed = true
      const stopped = worker
      worker = undefined
      settle()?.reject(endedError())
      for (const { reject } of waiting.splice(0)) reject(endedError())
      await stopped?.terminate()
    },
  }
}

/** Node runs the source as it is, by type stripping; the build has it compiled. */
function entryUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./worker-thread.${extension}`, import.meta.url)
}
