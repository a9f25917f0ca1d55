import type { Server } from 'node:http'
import { availableParallelism } from 'node:os'
import { defaultLimits, documentLimitsOf, type Limits, RusherError } from '../protocol/index.ts'
import type { Retention } from './apps/app.ts'
import type { PlainOptions } from './apps/plain/plain-app.ts'
import type { Auth, Permit } from './auth/auth.ts'
import type { TokenAuthOptions } from './auth/token-auth-options.ts'
import type { AnyApp } from './core/channels/served-apps.ts'
import type { StatelessMessage } from './core/documents/stateless-hook.ts'
import type { DocumentSchema } from './core/yjs/schema-rules.ts'
import type { WorkerEngineOptions } from './core/yjs/worker-engine.ts'
import type { RequestHook } from './http/requests.ts'
import type { Log } from './log/log.ts'
import { descriptorsReserved } from './processes/capacity-plan.ts'
import { descriptorsMax } from './processes/machine.ts'
import type { ServerDocuments } from './server-documents.ts'
import type { Storage } from './storage/storage.ts'

/** What a server can be told. Everything has a default; a limit can be given alone. */
export interface ServerOptions {
  /** Port to listen on; 0 takes a free one. Default 8080. */
  readonly port?: number
  /** Address to listen on. Default 127.0.0.1: only this machine. */
  readonly host?: string
  /** Path of the native protocol. Default `/rusher`. */
  readonly path?: string
  /**
   * Take the upgrades at `path` and `documents.path` of this HTTP server, instead of listening. Its
   * other upgrades and all its requests stay its own; pass requests to `handleRequest`. Not with
   * edge processes.
   */
  readonly httpServer?: Server
  /**
   * `false`: do not listen. The program passes upgrades to `handleUpgrade` and requests to
   * `handleRequest`. Not with edge processes.
   */
  readonly listen?: false
  /**
   * Path of a Unix socket to listen on, instead of `port` and `host`; at most 107 bytes. A file that
   * a crashed server left there is replaced. Not with edge processes.
   */
  readonly unixSocket?: string
  /**
   * `sqlite:<file>` or a plain path, `memory:`, or a storage of your own. Default
   * `sqlite:./data/rusher.db`.
   */
  readonly storage?: string | Storage
  /** Start although the database has lost acknowledged events; clients are told that the log is another one. */
  readonly acceptLoss?: boolean
  /** Kinds of channels besides `chat`; one named `chat` replaces it. */
  readonly apps?: readonly AnyApp[]
  /** Options of the built-in chat. */
  readonly chat?: { readonly retention?: Retention; readonly textCharsMax?: number }
  /**
   * Channels whose names belong to no app, such as `lobby` and `orders:42`: any JSON, history,
   * presence, signals. Default: served, and everything is kept. `false` refuses them.
   */
  readonly plain?: boolean | PlainOptions
  /** `open` takes everybody's word; an object checks signed tokens; or an auth of your own. Default `open`. */
  readonly auth?: 'open' | TokenAuthOptions | Auth
  /** Who may read and write which channel. Absent: everybody everything. */
  readonly permit?: Permit
  /**
   * Additional origins whose pages may connect: `https://app.example.com`, `https://*.example.com`,
   * or `*` for all. They may also read files and documents (CORS). The server's own origin is
   * always allowed.
   */
  readonly origins?: readonly string[]
  /**
   * Host names to accept besides localhost, IP addresses and the server's own name:
   * `app.example.com`, `.example.com` with its subdomains, or `*` for all. Checked on a server with
   * open auth, and on any other server if this is set.
   */
  readonly allowedHosts?: readonly string[]
  /**
   * A folder of files to serve, compressed with Brotli or gzip. Files with a hash in their name are
   * cached for a year, others are revalidated.
   */
  readonly static?: string
  /**
   * `Content-Security-Policy` of these files. Default: scripts, style sheets and connections only
   * from the server's own origin, images from anywhere, and no framing by other sites. `false`
   * sends none.
   */
  readonly contentSecurityPolicy?: string | false
  /**
   * Answers requests at paths of your own, such as a login. It is called for each HTTP request that
   * is not for documents, health or metrics, before files are looked up. Return false to leave a
   * request to the server. The host name was checked; the body was not read and has no limit. A
   * hook that throws is answered with 500. Each edge process calls its own. Not with `httpServer`
   * or `listen: false`, where the program answers requests itself.
   */
  readonly onRequest?: RequestHook
  readonly limits?: Partial<Limits>
  readonly documents?: DocumentOptions
  readonly presence?: { readonly graceMs?: number; readonly usersMax?: number }
  /** How long clients are spread when the server goes away, in milliseconds. Default 5000. */
  readonly drainMs?: number
  readonly log?: Log
}

export interface DocumentOptions {
  /** Path of documents, without a slash at its end. Default `/docs`. */
  readonly path?: string
  /** Threads that look at what clients write. Default: one, and another where there are four processors or more. */
  readonly threads?: number
  /**
   * What ProseMirror documents may contain. Default `known`: attributes with the same meaning in
   * all editors (`href`, `src`, `colspan`, `level` of a heading, ...) are corrected when unsafe or
   * invalid. A schema adds the nodes and marks of your editor. `off` disables the check. Other Yjs
   * documents are never checked.
   */
  readonly schema?: 'known' | 'off' | DocumentSchema
  /**
   * Called with messages that Hocuspocus clients with write access send by `sendStateless`. Runs in
   * the core process, also with edge processes. Reply with `documents.sendStateless`.
   */
  readonly onStateless?: (message: StatelessMessage, documents: ServerDocuments) => unknown
  /**
   * Whether deleted content stays in a document (`gc: false` in Yjs), so that clients can always
   * show their snapshots. Everything ever written then counts towards `documentBytesMax`. Default:
   * false.
   */
  readonly keepDeleted?: boolean | ((document: string) => boolean)
}

export const presenceDefaults = {
  graceMs: 5_000,
  usersMax: 256,
  sampleMax: 32,
  sampleMs: 1_000,
} as const

/** The limits in force: the given ones over the defaults, and never more sessions than descriptors. */
export function limitsOf(given: Partial<Limits> | undefined): Limits {
  const documentBytesMax = given?.documentBytesMax ?? defaultLimits.documentBytesMax
  const limits = { ...defaultLimits, ...documentLimitsOf(documentBytesMax), ...given }
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(defaultLimits, name)) {
      throw new RusherError('CONFIG', `there is no limit '${name}' to set in limits`)
    }
    if (!Number.isFinite(value) || value <= 0) {
      throw new RusherError(
        'CONFIG',
        `limits.${name} must be a number above 0, and is ${String(value)}`,
      )
    }
  }
  checkCoherent(limits)
  const descriptors = descriptorsMax()
  if (descriptors === undefined) return limits
  return {
    ...limits,
    sessionsMax: Math.max(1, Math.min(limits.sessionsMax, descriptors - descriptorsReserved)),
  }
}

/**
 * Bytes of large document frames that an edge process may have in flight, in both directions.
 */
export function largeBytesOf(given: Partial<Limits> | undefined): number {
  const { documentBytesMax = defaultLimits.documentBytesMax } = given ?? {}
  const derived = documentLimitsOf(documentBytesMax).documentInFlightBytesMax
  return 2 * (given?.documentInFlightBytesMax ?? derived)
}

/** Space in a frame for the header around an update, in bytes. */
const frameHeadBytes = 1_024

/** Throws CONFIG if limits contradict each other: one would refuse what another allows. */
function checkCoherent(limits: Limits): void {
  const least: readonly (readonly [keyof Limits, number, string])[] = [
    [
      'documentFrameBytesMax',
      limits.documentBytesMax + frameHeadBytes,
      `a document of documentBytesMax (${limits.documentBytesMax}) must fit in one frame`,
    ],
    [
      'documentInFlightBytesMax',
      limits.documentFrameBytesMax,
      `a frame of documentFrameBytesMax (${limits.documentFrameBytesMax}) must fit`,
    ],
    [
      'httpBodiesBytesMax',
      limits.documentFrameBytesMax,
      `a body of documentFrameBytesMax (${limits.documentFrameBytesMax}) must fit`,
    ],
    [
      'documentHistoryBytesMax',
      2 * limits.documentBytesMax,
      `the history must hold a document of documentBytesMax (${limits.documentBytesMax}) twice`,
    ],
  ]
  for (const [name, min, reason] of least) {
    if (limits[name] >= min) continue
    throw new RusherError(
      'CONFIG',
      `limits.${name} is ${limits[name]} and must be at least ${min}: ${reason}. Leave it out to have it derived from documentBytesMax`,
    )
  }
  if (limits.outboxSoftBytes > limits.outboxHardBytes) {
    throw new RusherError(
      'CONFIG',
      `limits.outboxSoftBytes (${limits.outboxSoftBytes}) must not be above outboxHardBytes (${limits.outboxHardBytes})`,
    )
  }
}

/**
 * Heap of one engine thread per byte of the largest document. Yjs needs 13 for typical text and 90
 * for the shortest structs; encoding needs some more.
 */
const heapPerByte = 128

/** Maximum nesting of values and types in a document: all clients read them recursively. */
const nestingMax = 512

/** How the engine of documents is set up. */
export function engineOptionsOf({ documents }: ServerOptions, limits: Limits): WorkerEngineOptions {
  const schema = documents?.schema ?? 'known'
  return {
    ...(schema === 'off' ? {} : { schema: schema === 'known' ? {} : schema }),
    checkers: documents?.threads ?? (availableParallelism() >= 4 ? 2 : 1),
    heapMb: Math.max(1_024, Math.ceil((heapPerByte * limits.documentBytesMax) / 2 ** 20)),
    limits: {
      updateStructsMax: limits.updateStructsMax,
      updateDeletesMax: limits.updateStructsMax,
      // Deleted content has a length but no bytes.
      updateLengthMax: Number.MAX_SAFE_INTEGER,
      subdocumentsMax: limits.documentSubdocumentsMax,
      keyBytesMax: limits.documentBytesMax,
      valueDepthMax: nestingMax,
      typeDepthMax: nestingMax,
      checkMs: 1_000,
      checkMsPerKb: 2,
      taskMs: 30_000,
      loadedBytesMax: Math.max(64 * 2 ** 20, limits.documentBytesMax),
      partBytesMax: 64 * 1024,
    },
    json: { depthMax: limits.documentJsonDepthMax, nodesMax: limits.documentJsonNodesMax },
  }
}

/** Whether compaction keeps what was deleted, for each document by its name. */
export function keepsDeletedOf({ documents }: ServerOptions): (document: string) => boolean {
  const { keepDeleted = false } = documents ?? {}
  return typeof keepDeleted === 'function' ? keepDeleted : () => keepDeleted
}
