import { RusherError } from '../../../protocol/index.ts'
import { bufferOf, bytesOfPayload, payloadOfBytes } from '../packed.ts'
import type { LogState, Page, Storage } from '../storage.ts'
import { createCommitQueue } from './commit-queue.ts'
import { errorOf, type Fault, FaultError } from './fault.ts'
import { decodeResults, encodeBatch } from './packed-batch.ts'
import { decodePage } from './packed-page.ts'
import { startThread, type Thread } from './storage-thread.ts'
import type {
  LogBounds,
  ReaderAnswer,
  ReaderRequest,
  WriterAnswer,
  WriterReady,
  WriterRequest,
  WriterStart,
} from './thread-messages.ts'
import { type FilingSizes, filingSizes } from './write-buffer.ts'

export interface SqliteStorageOptions {
  /** The database's file. */
  readonly path: string
  /** Whether a missing directory is made. */
  readonly createDirectory: boolean
  /** Makes the identity of a log that begins. */
  readonly makeEpoch: () => string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Opens a database that is behind or damaged, under a new epoch. */
  readonly acceptLoss?: boolean
  /** Receives warnings about accepted losses and about the fault that stops all writes. */
  readonly log?: { warn(message: string): void }
  /** NORMAL loses commits at a power cut: for tests and as the baseline of a bench. */
  readonly synchronous?: 'FULL' | 'NORMAL'
  /** Told of each commit; for metrics. */
  readonly onCommit?: (commit: CommitInfo) => void
  /** Quiet time after which the write-ahead log is put away, in milliseconds. */
  readonly idleMs?: number
  /** When rows go through `arrivals`: for tests. */
  readonly filing?: Partial<FilingSizes>
}

export interface CommitInfo {
  readonly items: number
  /** Size of the packed items. */
  readonly bytes: number
  /** Time of the transaction with its fsync, in milliseconds. */
  readonly tookMs: number
}

export interface SqliteStorage extends Storage {
  /** The real path of the file. */
  readonly path: string
  readonly epoch: string
  /** Fulfilled when the keeper can take no further append: close it and open it anew. Pending as long as all is well. */
  readonly failed: Promise<RusherError>
}

const limits = {
  commitItemsMax: 4_096,
  commitCharsMax: 4 * 1024 * 1024,
  waitingItemsMax: 65_536,
}

/**
 * Opens the log in an SQLite file, or makes it. Rejects with a RusherError that says what to do: STORAGE_PATH,
 * STORAGE_IN_USE, STORAGE_FOREIGN, STORAGE_NEWER, STORAGE_BEHIND, STORAGE_CORRUPT, STORAGE_FULL or STORAGE_UNAVAILABLE.
 */
export async function openSqliteStorage(options: SqliteStorageOptions): Promise<SqliteStorage> {
  const failure = createFailure()
  // Loading takes a thread longer than opening the file, so both load at once.
  const [writing, reading] = await Promise.allSettled([
    startWriter(options, failure.meet),
    startReader(failure.meet),
  ])
  try {
    const { thread: writer, ready } = started(writing)
    const { thread: reader } = started(reading)
    await reader.ask({ kind: 'start', path: ready.path })
    for (const warning of ready.warnings) options.log?.warn(warning)
    return createKeeper({ options, writer, reader, failure, ready })
  } catch (error) {
    if (reading.status === 'fulfilled') await endThread(reading.value.thread)
    if (writing.status === 'fulfilled') await endThread(writing.value.thread)
    throw error instanceof FaultError ? errorOf(error.fault) : error
  }
}

function startWriter(options: SqliteStorageOptions, onFailed: (fault: Fault) => void) {
  return startThread<WriterRequest, WriterReady>({
    entry: 'writer-thread',
    start: startOf(options),
    lost: {
      code: 'STORAGE_UNKNOWN',
      message: "the writer's thread ended; what it had in hand may have been written",
      final: true,
    },
    onFailed,
  })
}

function startReader(onFailed: (fault: Fault) => void) {
  return startThread<ReaderRequest, ReaderAnswer>({
    entry: 'reader-thread',
    start: {},
    lost: { code: 'STORAGE_UNAVAILABLE', message: "the reader's thread ended", final: true },
    onFailed,
  })
}

function started<Started>(outcome: PromiseSettledResult<Started>): Started {
  if (outcome.status === 'rejected') throw outcome.reason
  return outcome.value
}

/** Waits until the system has what the thread held, also when it failed before. */
async function endThread(thread: Thread<{ readonly kind: 'close' }>): Promise<void> {
  await Promise.allSettled([thread.ask({ kind: 'close' }), thread.ended])
}

function startOf(options: SqliteStorageOptions): WriterStart {
  return {
    path: options.path,
    createDirectory: options.createDirectory,
    freshEpoch: options.makeEpoch(),
    nowMs: options.now(),
    acceptLoss: options.acceptLoss ?? false,
    synchronous: options.synchronous ?? 'FULL',
    idleMs: options.idleMs ?? 2_000,
    filing: { ...filingSizes, ...options.filing },
  }
}

/** The first final fault of the threads, and who is told of it. */
function createFailure() {
  const told: ((fault: Fault) => void)[] = []
  let met: Fault | undefined
  return {
    get met() {
      return met
    },
    meet(fault: Fault): void {
      if (met !== undefined) return
      met = fault
      for (const tell of told) tell(fault)
    },
    tell(listener: (fault: Fault) => void): void {
      told.push(listener)
      if (met !== undefined) listener(met)
    },
  }
}

interface KeeperParts {
  readonly options: SqliteStorageOptions
  readonly writer: Thread<WriterRequest>
  readonly reader: Thread<ReaderRequest>
  readonly failure: ReturnType<typeof createFailure>
  readonly ready: WriterReady
}

function createKeeper({ options, writer, reader, failure, ready }: KeeperParts): SqliteStorage {
  const { epoch, path } = ready
  let closing: Promise<void> | undefined

  const queue = createCommitQueue({
    limits,
    async commit(items, chars) {
      // JSON of messages is mostly ASCII, and each item has a name, a key and some numbers beside it.
      const batch = encodeBatch(items, chars + items.length * 160)
      const bytes = batch.length
      const answer = await writer.ask<WriterAnswer>({ kind: 'append', batch }, [batch.buffer])
      options.onCommit?.({ items: items.length, bytes, tookMs: answer.tookMs ?? 0 })
      return answer.results === undefined ? [] : decodeResults(answer.results)
    },
  })
  failure.tell(queue.fail)
  failure.tell(({ message }) => options.log?.warn(message))

  function refuseWhenClosed(): void {
    if (closing !== undefined) throw new RusherError('STORAGE_CLOSED', 'the storage was closed')
  }

  function read(request: ReaderRequest): Promise<ReaderAnswer> {
    refuseWhenClosed()
    return refusing(reader.ask<ReaderAnswer>(request))
  }

  async function readPage(request: ReaderRequest): Promise<Page> {
    const { log, page } = await read(request)
    return { log: stateOf(log), events: page === undefined ? [] : decodePage(page) }
  }

  function stateOf({ begin, head }: LogBounds = { begin: 1, head: 0 }): LogState {
    return { epoch, begin, head }
  }

  async function closeAll(): Promise<void> {
    await queue.drained()
    await endThread(reader)
    await endThread(writer)
    if (failure.met !== undefined) throw errorOf(failure.met)
  }

  return {
    durability: (options.synchronous ?? 'FULL') === 'FULL' ? 'disk' : 'memory',
    path,
    epoch,
    failed: new Promise((resolve) => failure.tell((fault) => resolve(errorOf(fault)))),

    async append(batch) {
      refuseWhenClosed()
      return queue.append(batch)
    },

    async open(channel) {
      return stateOf((await read({ kind: 'open', channel })).log)
    },

    readAfter: (channel, after, limit, bytesMax) =>
      readPage({ kind: 'after', channel, offset: after, limit, bytesMax }),

    readBefore: (channel, before, limit) =>
      readPage({ kind: 'before', channel, offset: before, limit }),

    async readOne(channel, offset) {
      const { events } = await readPage({ kind: 'one', channel, offset })
      return events[0]
    },

    async findKey(channel, key) {
      const found = (await read({ kind: 'key', channel, key })).key
      return found === undefined
        ? undefined
        : { offset: found.offset, keySum: found.keySum ?? undefined }
    },

    async readLatest(channel, limit) {
      return (await read({ kind: 'latest', channel, limit })).latest ?? []
    },

    async compact(channel, through, snapshot) {
      refuseWhenClosed()
      const stored = snapshot === undefined ? undefined : bytesOfPayload(snapshot)
      const request = { kind: 'compact', channel, through, snapshot: stored } as const
      const transfer = stored === undefined ? [] : [stored.buffer]
      return stateOf((await refusing(writer.ask<WriterAnswer>(request, transfer))).log)
    },

    async saveSnapshot(channel, offset, payload) {
      refuseWhenClosed()
      const snapshot = bytesOfPayload(payload)
      const request = { kind: 'snapshot', channel, offset, snapshot } as const
      await refusing(writer.ask<WriterAnswer>(request, [snapshot.buffer]))
    },

    async readSnapshot(channel) {
      const { snapshot } = await read({ kind: 'snapshot', channel })
      return snapshot && { ...snapshot, payload: payloadOfBytes(bufferOf(snapshot.payload)) }
    },

    async channels(after, limit) {
      return (await read({ kind: 'channels', after, limit })).names ?? []
    },

    async probe() {
      refuseWhenClosed()
      await queue.append([{ kind: 'probe' }])
    },

    close() {
      closing ??= closeAll()
      return closing
    },
  }
}

/** Turns a thread's fault into the error that the caller is promised. */
async function refusing<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer
  } catch (error) {
    throw error instanceof FaultError ? errorOf(error.fault) : error
  }
}
