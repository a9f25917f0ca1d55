import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { type Durability, type Limits, RusherError } from '../protocol/index.ts'
import { checkOptions } from './check-options.ts'
import { systemClock } from './clock.ts'
import { contain, reportFault, withContainedTimers } from './containment.ts'
import { type Core, createCore } from './core/core.ts'
import { createEdgeHost, type ToEdgeHost } from './create-edge-host.ts'
import { createServerDocuments } from './create-server-documents.ts'
import type { DocumentEngine } from './document-engine/document-engine.ts'
import { createWorkerEngine } from './document-engine/worker-engine.ts'
import { createEdgeProcesses, type EdgeProcesses } from './edge-processes.ts'
import { frontPolicyOf } from './front-policy.ts'
import { createDirectLink } from './link/direct-link.ts'
import type { Port, ToCore, ToEdge } from './link/link.ts'
import { silentLog } from './log/log.ts'
import type { Metrics } from './metrics/metrics.ts'
import { createPrometheusMetrics } from './metrics/prometheus-metrics.ts'
import type { Rolled, RollOptions } from './rolling.ts'
import { servedAppsOf } from './served-apps.ts'
import type { ServerDocuments } from './server-documents.ts'
import {
  engineOptionsOf,
  keepsDeletedOf,
  largeBytesOf,
  limitsOf,
  presenceDefaults,
  type ServerOptions,
} from './server-options.ts'
import { createServerPublish, type ServerPublish } from './server-publish.ts'
import { createMemoryStorage } from './storage/memory-storage.ts'
import { openSqliteStorage } from './storage/sqlite-storage.ts'
import type { Storage } from './storage/storage.ts'
import { defaultStorage, parseStorage } from './storage/storage-location.ts'
import { worldOf } from './world.ts'

/** How a server is split over processes. `launch` starts one edge process whose fourth stdio entry is the link's pipe. */
export interface EdgesOptions {
  readonly count: number
  readonly launch: (index: number) => ChildProcess
  /** How many that have room listen at a time, where there are more. Default: one a processor, and two at least. */
  readonly abreast?: number
}

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
  /** Where clients connect; undefined on an existing server that does not listen yet. */
  readonly url: string | undefined
  readonly port: number
  readonly durability: Durability
  readonly limits: Limits
  /**
   * Publishes as this program. Resolves when the event is committed, to what a client gets. Rejects
   * with a RefusedError when it is refused; a rejection that nobody handles is logged only. To retry
   * safely, also after OUTCOME_UNKNOWN, pass the same id again.
   */
  readonly publish: ServerPublish
  /** Reads, writes and follows documents, and sends messages to the clients that have them open. */
  readonly documents: ServerDocuments
  readonly sessions: number
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
    const front =
      edges === undefined
        ? await frontInside(options, parts)
        : await frontOfProcesses(options, edges, parts)
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

/** What faces the clients: an edge in this process, or edge processes. */
interface Front {
  readonly port: number
  readonly sessions: number
  roll?(options: RollOptions): Promise<Rolled>
  closeListener(): void
  drain(spreadMs: number): Promise<void>
  stop(): number
}

interface FrontParts {
  readonly core: Core
  readonly limits: Limits
  readonly metrics: Metrics
  readonly durability: Durability
}

async function frontInside(options: ServerOptions, parts: FrontParts): Promise<Front> {
  const { core, metrics } = parts
  let toEdge: (message: ToEdge) => void = () => undefined
  const faults = { log: options.log ?? silentLog, metrics }
  const link = createDirectLink({
    toCore,
    toEdge: (message) => toEdge(message),
    failed: (error) => reportFault(faults, 'link', error),
  })
  const attached = core.attach(link.edge)

  function toCore(message: ToCore): void {
    if (message.kind !== 'metrics') return attached.receive(message)
    const { call } = message
    const measured = metrics
      .collect()
      .then((own) => metrics.merge([own]))
      .then((text) => link.edge.send({ kind: 'answer', call, answer: { kind: 'metrics', text } }))
    contain(faults, 'call', measured)
  }

  const host = await createEdgeHost({
    ...parts,
    ...worldOf(options),
    options,
    core: link.core satisfies Port<ToCore>,
  })
  // A process of its own would take the rest.
  toEdge = (message) => host.receive(message as ToEdgeHost)
  const port = await host.listen({ ...addressOf(options), reusePort: false })
  return {
    port,
    get sessions() {
      return host.sessions
    },
    closeListener: host.closeListener,
    drain: host.drain,
    stop() {
      const left = host.stop()
      attached.detach()
      return left
    },
  }
}

async function frontOfProcesses(
  options: ServerOptions,
  { count, launch, abreast = Math.max(2, availableParallelism()) }: EdgesOptions,
  { core, metrics, durability }: FrontParts,
): Promise<Front> {
  const processes: EdgeProcesses = createEdgeProcesses({
    count,
    launch,
    abreast,
    largeBytesMax: largeBytesOf(options.limits),
    core,
    durability,
    metrics,
    log: options.log ?? silentLog,
    clock: systemClock,
  })
  const port = await processes.start(addressOf(options))
  return {
    port,
    get sessions() {
      return processes.sessions
    },
    roll: processes.roll,
    // An edge closes its own listener as the first act of its drain.
    closeListener: () => undefined,
    drain: processes.drain,
    stop: processes.stop,
  }
}

interface ServerParts {
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
}: ServerParts): RusherServer {
  const { host } = addressOf(options)
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
    url:
      front.port === 0
        ? undefined
        : `http://${host.includes(':') ? `[${host}]` : host}:${front.port}`,
    port: front.port,
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

function addressOf({ port = 8080, host = '127.0.0.1' }: ServerOptions): {
  port: number
  host: string
} {
  return { port, host }
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
