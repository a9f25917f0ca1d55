import { createHash } from 'node:crypto'
import type { FaultContext } from '../../runtime/containment.ts'
import type { Checked, DocumentEngine, EngineLimits, JsonLimits } from './document-engine.ts'
import type { DocumentSchema } from './schema-rules.ts'
import { createWorkerLane, type WorkerLane, WorkerLaneError } from './worker-lane.ts'
import type { EngineStart, EngineTask } from './worker-messages.ts'

export interface WorkerEngineOptions {
  /** Threads that look at updates; a document always has the same one. */
  readonly checkers: number
  /** Memory that one thread may take, in MB. */
  readonly heapMb: number
  readonly limits: EngineLimits
  readonly json: JsonLimits
  /** The schema of ProseMirror documents; absent disables corrections. */
  readonly schema?: DocumentSchema
}

/**
 * A lane ends each task within its time. One that has not done so for so much longer is stuck; in
 * milliseconds.
 */
const graceMs = 5_000

/** Updates that took a thread down and are remembered, so that they are refused the next time. */
const culpritsMax = 256

/**
 * Runs Yjs in worker threads: several check updates, one encodes documents for clients that open
 * them, one compacts and restores, and two convert content for HTTP and the embedding program. A
 * thread starts when it is first needed.
 */
export function createWorkerEngine(
  options: WorkerEngineOptions,
  faults: FaultContext,
  monotonicMs: () => number,
): DocumentEngine {
  const { limits, heapMb, json, schema } = options
  const start: EngineStart = { limits, json, ...(schema === undefined ? {} : { schema }) }
  const lane = (): WorkerLane => createWorkerLane({ start, heapMb, faults, monotonicMs })
  const checkers = Array.from({ length: options.checkers }, lane)
  const reader = lane()
  const upkeep = lane()
  // The second one only has something to do, and starts, while the first is busy.
  const converters = [lane(), lane()]
  const lanes = [...checkers, reader, upkeep, ...converters]
  const culprits = new Set<string>()

  function checkerOf(document: string): WorkerLane {
    let hash = 0
    for (let index = 0; index < document.length; index += 1) {
      hash = (Math.imul(hash, 31) + document.charCodeAt(index)) >>> 0
    }
    const found = checkers[hash % checkers.length]
    if (found === undefined) throw new Error('an engine has at least one thread that checks')
    return found
  }

  function slow<Result>(task: EngineTask): Promise<Result> {
    return upkeep.run(task, limits.taskMs)
  }

  function read<Result>(task: EngineTask): Promise<Result> {
    return reader.run(task, limits.taskMs)
  }

  /** A large document that is converted holds up one of these, and the next goes to the other. */
  function convert<Result>(task: EngineTask): Promise<Result> {
    const free = converters.reduce((least, one) => (one.tasks < least.tasks ? one : least))
    return free.run(task, limits.taskMs)
  }

  /** An update that takes its thread down might only have been there when it happened: the second time it is to blame. */
  function blame(document: string, update: Uint8Array, { message }: WorkerLaneError): Checked {
    const culprit = `${document} ${createHash('sha256').update(update).digest('base64')}`
    if (culprits.has(culprit)) {
      return { kind: 'refused', fault: 'BAD_UPDATE', message: `the update was refused: ${message}` }
    }
    culprits.add(culprit)
    const [oldest] = culprits
    if (culprits.size > culpritsMax && oldest !== undefined) culprits.delete(oldest)
    return { kind: 'absent' }
  }

  return {
    load: (document, source) =>
      checkerOf(document).run({ kind: 'load', document, source }, limits.taskMs),
    async check(document, request) {
      try {
        return await checkerOf(document).run<Checked>(
          { kind: 'check', document, request },
          limits.checkMs + (request.update.length / 1_024) * limits.checkMsPerKb,
        )
      } catch (error) {
        if (error instanceof WorkerLaneError) return blame(document, request.update, error)
        throw error
      }
    },
    release(document) {
      // Whether it is done matters to nobody: a thread that is gone has let go of it.
      const released = checkerOf(document).run({ kind: 'release', document }, limits.taskMs)
      released.catch(() => undefined)
    },
    opening: (updates) => read({ kind: 'opening', updates }),
    difference: (updates, stateVector) => read({ kind: 'difference', updates, stateVector }),
    holdElements: (updates) => read({ kind: 'hold elements', updates }),
    read: (updates, of) => convert({ kind: 'read', updates, of }),
    compact: (source) => slow({ kind: 'compact', source }),
    matches: (parts, source) => slow({ kind: 'matches', parts, source }),
    runs: (updates, pauseMs) => slow({ kind: 'runs', updates, pauseMs }),
    write: (updates, content) => convert({ kind: 'write', updates, content }),
    seed: (content, client) =>
      convert({ kind: 'seed', content, ...(client === undefined ? {} : { client }) }),
    outline: (updates) => convert({ kind: 'outline', updates }),
    restore: (updates, through) => slow({ kind: 'restore', updates, through }),
    without: (updates, userId) => slow({ kind: 'without', updates, userId }),
    get stuck() {
      return lanes.filter(({ stalledMs }) => stalledMs > limits.taskMs + graceMs).length
    },
    async close() {
      await Promise.all(lanes.map((one) => one.close()))
    },
  }
}
