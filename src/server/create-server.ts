import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Durability, type Limits, RusherError } from '../protocol/index.ts'
import { checkOptions } from './check-options.ts'
import { type Core, createCore } from './core/core.ts'
import type { DocumentEngine } from './core/yjs/document-engine.ts'
import { createWorkerEngine } from './core/yjs/worker-engine.ts'
import { checkListening, createFront, type EdgesOptions, type Front } from './create-front.ts'
import { createServerDocuments } from './create-server-documents.ts'
import { frontPolicyOf } from './front-policy.ts'
import { silentLog } from './log/log.ts'
import type { Metrics } from './metrics/metrics.ts'
import { createPrometheusMetrics } from './metrics/prometheus-metrics.ts'
import type { Rolled, RollOptions } from './processes/rolling-restart.ts'
import { systemClock } from './runtime/clock.ts'
import { withContainedTimers } from './runtime/containment.ts'
import { servedAppsOf } from './served-apps.ts'
import type { ServerDocuments } from './server-documents.ts'
import {
  engineOptionsOf,
  keepsDeletedOf,
  limitsOf,
  presenceDefaults,
  type ServerOptions,
} from './server-options.ts'
import { createServerPublish, type ServerPublish } from './server-publish.ts'
import { createMemoryStorage } from './storage/memory/memory-storage.ts'
import { openSqliteStorage } from './storage/sqlite/sqlite-storage.ts'
import type { Storage } from './storage/storage.ts'
import { defaultStorage, parseStorage } from './storage/storage-location.ts'

export interface CloseOptions {
  /** Time over which clients are told to come back, in milliseconds. */
  readonly spreadMs?: number
  /** Time after which the server ends whatever is still open, in milliseconds. */
  readonly deadlineMs?: number
}

export interface Closed {
  /** Publishes and updates of documents that were accepted and whose commit was not seen. 0 after an orderly end. */
  readonly unsaved: number
  /** Documents with such updates. */
  readonly unsavedDocuments: readonly string[]
  /** Sessions that had to be cut off. */
  readonly cutOff: number
  /** Why storage could not be closed in order. */
  readonly fault?: RusherError
}

export interface RusherServer {
  /**
   * Where clients connect. Undefined while the given `httpServer` does not listen, on a Unix socket,
   * and with `listen: false`.
   */
  readonly url: string | undefined
  /** The port; 0 where `url` is undefined. */
  readonly port: number
  readonly durability: Durability
  readonly limits: Limits
  /**
   * Publishes as this program. Resolves when the event is committed, to what a client gets. Rejects
   * with a RefusedError when it is refused; an unhandled rejection is only logged. To retry
   * safely, also after OUTCOME_UNKNOWN, pass the same id again.
   */
  readonly publish: ServerPublish
  /** Reads, writes and follows documents, and sends messages to the clients that have them open. */
  readonly documents: ServerDocuments
  readonly sessions: number
  /**
   * Takes an upgrade that an HTTP server of the program received, at `path` or `documents.path`: the
   * arguments of Node's `upgrade` event. Returns true if it was taken, or refused with an answer.
   * Returns false, and does nothing, at any other path. Throws EDGES_UNSUPPORTED on a server with
   * edge processes, which accept connections themselves.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /**
   * Answers a request that an HTTP server of the program received: the documents API, `/healthz`,
   * `/readyz` and `/metrics`, and every GET and HEAD if `static` is set. Host names and origins are
   * checked as on a listener of Rusher. Returns false, and does nothing, for any other request. The
   * body must not have been read. Throws EDGES_UNSUPPORTED on a server with edge processes.
   */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean
  /** Rechecks `permit` now for every joined channel and open document, not within 30 s. */
  recheck(): void
  /**
   * Replaces every edge process by a new one, which reads its configuration anew; no session is lost, and none is there twice. Only where
   * there are edge processes. A call during a roll is one more after it, which all share who ask meanwhile.
   */
  readonly roll?: (options?: RollOptions) => Promise<Rolled>
  /** Resolves when only a new start from disk leads on: close this server and create another. */
  readonly failed: Promise<RusherError>
  /** Sends clients away, finishes what was accepted, and lets go of everything. Always ends. */
  close(options?: CloseOptions): Promise<Closed>
}

/**
 * Starts a server: in this process alone, or with edge processes. Rejects with a RusherError whose message says what to do: CONFIG,
 * PORT_IN_USE, STORAGE_IN_USE, STORAGE_PATH, STORAGE_NEWER, STORAGE_CORRUPT and others.
 */
export async function createServer(
  options: ServerOptions = {},
  edges?: EdgesOptions,
): Promise<RusherServer> {
  checkOptions(options)
  const limits = limitsOf(options.limits)
  const log = options.log ?? silentLog
  const metrics = createPrometheusMetrics({ loopLookMs: 100 })
  const failure = Promise.withResolvers<RusherError>()
  const apps = servedAppsOf(options)
  frontPolicyOf(options)
  checkListening(options, edges)
  const storage = await storageOf(options, metrics)
  const faults = { log, metrics }
  const ofEngine = engineOptionsOf(options, limits)
  const engine = createWorkerEngine(ofEngine, faults, systemClock.monotonicMs)
  const { onStateless } = options.documents ?? {}
  const core = createCore({
    apps,
    storage,
    engine,
    onStateless: onStateless && ((message) => onStateless(message, serverDocuments)),
    limits,
    keepsDeleted: keepsDeletedOf(options),
    presence: { ...presenceDefaults, ...options.presence },
    clock: withContainedTimers(systemClock, faults),
    log,
    metrics,
    failed: failure.resolve,
  })
  const { documents } = core
  let isClosed = false
  const serverDocuments = createServerDocuments(documents, limits, () => isClosed)
  metrics.gauge({
    channels: () => core.channels,
    pendingAppends: () => core.pending,
    documents: () => documents.size,
    documentUpdatesUnsaved: () => documents.unsaved,
    documentsFailing: () => documents.failing,
  })
  try {
    const parts = { core, limits, metrics, durability: storage.durability }
    const front = await createFront(options, edges, parts)
    return serverOf({
      ...parts,
      storage,
      engine,
      front,
      options,
      documents: serverDocuments,
      stopped: () => {
        isClosed = true
      },
      failed: failure.promise,
    })
  } catch (error) {
    core.stop()
    metrics.stop()
    await Promise.all([engine.close(), storage.close()])
    throw error
  }
}

interface ServerContext {
  readonly core: Core
  readonly metrics: Metrics
  readonly storage: Storage
  readonly engine: DocumentEngine
  readonly front: Front
  readonly limits: Limits
  readonly options: ServerOptions
  readonly documents: ServerDocuments
  /** Called when nothing can be asked of documents any more. */
  readonly stopped: () => void
  readonly failed: Promise<RusherError>
}

function serverOf({
  core,
  metrics,
  storage,
  engine,
  front,
  limits,
  options,
  documents,
  stopped,
  failed,
}: ServerContext): RusherServer {
  const { roll } = front
  let closing: Promise<Closed> | undefined

  async function close({ spreadMs = 0, deadlineMs = 10_000 }: CloseOptions): Promise<Closed> {
    const deadline = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => deadline.resolve('late'), deadlineMs)
    front.closeListener()
    await Promise.race([front.drain(spreadMs), deadline.promise])
    await Promise.race([core.drain(), deadline.promise])
    const unsaved = core.pending
    const unsavedDocuments = core.documents.unsavedNames()
    const cutOff = front.stop()
    core.stop()
    stopped()
    metrics.stop()
    await Promise.race([engine.close(), deadline.promise])
    const fault = await Promise.race([
      storage.close().then(
        () => undefined,
        (error: unknown) => faultOf(error),
      ),
      deadline.promise.then(
        () => new RusherError('CLOSE_LATE', 'storage did not close before the deadline'),
      ),
    ])
    clearTimeout(timer)
    return { unsaved, unsavedDocuments, cutOff, ...(fault === undefined ? {} : { fault }) }
  }

  return {
    get url() {
      return front.url
    },
    get port() {
      return front.port
    },
    handleUpgrade: front.handleUpgrade,
    handleRequest: front.handleRequest,
    durability: storage.durability,
    limits,
    documents,
    publish: createServerPublish({
      core,
      limits,
      durability: storage.durability,
      log: options.log ?? silentLog,
      now: systemClock.now,
    }),
    get sessions() {
      return front.sessions
    },
    recheck: core.recheck,
    ...(roll === undefined ? {} : { roll: (given = {}) => roll(given) }),
    failed,
    close(given = {}) {
      closing ??= close(given)
      return closing
    },
  }
}

function storageOf(options: ServerOptions, metrics: Metrics): Promise<Storage> {
  const { storage = defaultStorage } = options
  if (typeof storage !== 'string') return Promise.resolve(storage)
  const location = parseStorage(storage)
  if (location.kind === 'memory') {
    return Promise.resolve(createMemoryStorage({ epoch: randomUUID() }))
  }
  return openSqliteStorage({
    path: location.path,
    createDirectory: true,
    makeEpoch: randomUUID,
    now: systemClock.now,
    ...(options.acceptLoss === undefined ? {} : { acceptLoss: options.acceptLoss }),
    log: { warn: (message) => options.log?.warn({}, message) },
    onCommit: ({ items, tookMs }) => metrics.committed(items, tookMs),
  })
}

function faultOf(error: unknown): RusherError {
  return error instanceof RusherError
    ? error
    : new RusherError('STORAGE_UNKNOWN', 'storage could not be closed', { cause: error })
}
