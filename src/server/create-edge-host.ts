import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  connectPath,
  type Durability,
  documentsPath,
  type Limits,
  RusherError,
} from '../protocol/index.ts'
import { createAcceptMonitor } from './admission/accept-monitor.ts'
import { createPendingHandshakes } from './admission/pending-handshakes.ts'
import { createUpgradeGate } from './admission/upgrade-gate.ts'
import type { Auth } from './auth/auth.ts'
import { createCheckedAuth } from './auth/check-identity.ts'
import { IncomingClientRequest, type ReadRequest } from './auth/client-request.ts'
import { createOpenAuth } from './auth/open-auth.ts'
import { checkFolder } from './check-options.ts'
import { createChannelEdge } from './edge/channels/channel-edge.ts'
import {
  createPendingRequests,
  documentAnswerOf,
  type PendingRequests,
} from './edge/connection/pending-requests.ts'
import { createDocumentAuthorizer } from './edge/documents/authorize.ts'
import { createDocumentEdge } from './edge/documents/document-edge.ts'
import { frontPolicyOf } from './front-policy.ts'
import { attachTo, detached } from './http/attached-server.ts'
import { createCors } from './http/cors.ts'
import { createDocumentRequests } from './http/documents/document-requests.ts'
import { parseRoute } from './http/documents/document-routes.ts'
import { createHttpListener, type HttpListener, type ListenOptions } from './http/http-listener.ts'
import { RequestRefused } from './http/refusal.ts'
import { RefusalReporter } from './http/refusal-report.ts'
import { bodiesLookEveryMs, RequestBodies } from './http/request-bodies.ts'
import { createRequestGuard } from './http/request-guard.ts'
import { createRequestRates } from './http/request-rates.ts'
import { createRequests, isOwnRequest, privatePaths } from './http/requests.ts'
import { respond } from './http/respond.ts'
import { SharedBudget } from './http/shared-budget.ts'
import type { StaticFiles } from './http/static/static-files.ts'
import { createUpgrades, type TakeUpgrade, type Upgrades } from './http/upgrades.ts'
import type { DocumentAnswer, DocumentToCore } from './link/document-messages.ts'
import type { Answer, LoadLevel, Port, ToCore, ToEdge } from './link/link.ts'
import type { Log } from './log/log.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Clock } from './runtime/clock.ts'
import {
  contained,
  type FaultContext,
  reportFault,
  withContainedTimers,
} from './runtime/containment.ts'
import { createEventLoopStall } from './runtime/event-loop-stall.ts'
import type { ServerOptions } from './server-options.ts'
import { createWsListener } from './transport/ws-transport.ts'

export interface EdgeHostContext {
  readonly options: ServerOptions
  readonly core: Port<ToCore>
  readonly limits: Limits
  readonly durability: Durability
  readonly version: string
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly makeId: () => string
  readonly random: () => number
  readonly onLoadLevel?: ((fullness: LoadLevel) => void) | undefined
}

/**
 * Connections besides the sessions: those that are refused, or ask for health and metrics. Half of the descriptors that are kept free of
 * sessions; the others are for files.
 */
const besidesSessionsMax = 128

/** Interval of the event-loop stall check, in milliseconds. */
const loopLookMs = 500
/**
 * Document frames up to this size, in bytes, are always read; larger ones only within a memory
 * budget.
 */
const largeFrameBytes = 128 * 1024

/** What the core sends to whoever is connected here. The rest is for an edge process itself. */
export type ToEdgeHost = Exclude<ToEdge, { kind: 'listen' | 'open' | 'rest' | 'measure' | 'drain' }>

/** All that holds connections, with what carries them: a listener, upgrades, HTTP answers. */
export interface EdgeHost {
  /** Connections of all kinds. */
  readonly sessions: number
  receive(message: ToEdgeHost): void
  /** Takes an upgrade at a path of this server; returns false at any other. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Answers a request at a path of this server; returns false at any other. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean
  /** Resolves to the port. Nothing to do where an existing server was given. */
  listen(options: ListenOptions): Promise<number>
  /** Leaves new connections to others, from a moment on when nobody waits here; until it is to listen again. */
  rest(): void
  /** Takes no new connections. */
  closeListener(): void
  /** Sends every session away, spread over so many milliseconds; resolves when the last is gone. */
  drain(spreadMs: number): Promise<void>
  /** Cuts off whoever is left. Returns how many. */
  stop(): number
}

/** Composes what faces the clients: in the process of the core, or in one of its own. */
export async function createEdgeHost(given: EdgeHostContext): Promise<EdgeHost> {
  const parts = { ...given, clock: withContainedTimers(given.clock, given) }
  const { options, limits, clock, metrics } = parts
  const calls = createPendingRequests(clock, (error) => reportFault(parts, 'call', error))
  const { hosts, origins } = frontPolicyOf(options)
  const refusals = new RefusalReporter({ ...parts, monotonicMs: clock.monotonicMs })
  const checkedAuth = createCheckedAuth(await authOf(options, parts), (reason, detail) =>
    refusals.token(reason, detail),
  )
  const handshakes = createPendingHandshakes(checkedAuth, parts.core)
  const { auth, core } = handshakes
  const readRequest = readRequestOf(options)
  const shared = { ...parts, core, calls, auth, readRequest, permit: options.permit }
  const admission = createDocumentAuthorizer(shared)
  const documentPath = options.documents?.path ?? documentsPath
  // On an open server a client could choose a new name for each request.
  const sharePer = options.auth === undefined || options.auth === 'open' ? 'address' : 'user'
  const documents = createDocumentEdge({ ...shared, admission, path: documentPath, sharePer })
  const edge = createChannelEdge({ ...shared, documents })
  const channelListener = createWsListener(limits, edge.handlers, edge.open, true)
  const documentListener = createWsListener(
    { frameBytesMax: largeFrameBytes },
    documents.handlers,
    documents.open,
    false,
  )
  let closed = false
  let isStopped = false
  const sessions = (): number => edge.sessions + documents.sockets
  const gate = createUpgradeGate(limits, parts.random, clock.monotonicMs())
  const upgrades = createUpgrades({
    ...parts,
    route: routeOf(options, channelListener.upgrade, documentListener.upgrade),
    hosts,
    origins,
    refusals,
    refuses: () =>
      gate.ask({
        draining: closed || edge.draining,
        sessions: sessions(),
        handshakes: handshakes.now,
      }),
  })
  const ask = (kind: 'ready' | 'metrics'): Promise<Answer> =>
    new Promise((resolve) => core.send({ kind, call: calls.open(resolve, 'health') }))
  const bodies = new RequestBodies(limits)
  const lookingAtBodies = clock.every(bodiesLookEveryMs, () => bodies.look())
  const inHand = new SharedBudget(limits.httpDocumentRequestsMax, limits.httpUserRequestsMax)
  const documentRequests = createDocumentRequests({
    base: documentPath,
    bodyBytesMax: limits.documentFrameBytesMax,
    bodies,
    requests: inHand,
    rates: createRequestRates(limits, clock.monotonicMs),
    ratePer: sharePer,
    allows(request) {
      const { headers, method = 'GET' } = request
      const isAllowed = origins.allowsWrite(headers, method)
      const { origin, host } = headers
      if (!isAllowed) refusals.request('origin', { origin, host })
      return isAllowed
    },
    readRequest,
    admit: admission.admit,
    identify: admission.identify,
    listing: {
      look: admission.look,
      list: (question) => askDocuments({ core, calls }, { kind: 'list', ...question }),
    },
    ask: (document, author, question) =>
      askDocuments({ core, calls }, { kind: 'ask', document, author, question }),
  })
  const loop = createEventLoopStall(clock.monotonicMs(), loopLookMs)
  const looking = clock.every(loopLookMs, () => loop.turn(clock.monotonicMs()))
  const files = await filesOf(options, parts)
  const answerInside = createRequests({
    ownLoop: () => loop.check(clock.monotonicMs()),
    log: parts.log,
    metrics,
    ask,
    hook: options.onRequest,
    files: files?.answer,
    documents: { base: documentPath, answer: documentRequests },
  })
  const requests = createCors({ origins, privatePaths }, answerInside)
  const ownPaths = {
    channels: options.path ?? connectPath,
    documentsBase: documentPath,
    hasFiles: options.static !== undefined,
  }
  const guard = {
    hosts,
    refusals,
    documentsBase: documentPath,
    isWebSocketOnly: webSocketPathsOf(options),
  }
  const answerRequest = createRequestGuard(guard, requests)
  const front = listenerOf(parts, upgrades, answerRequest)
  const watch = createAcceptMonitor({
    ...parts,
    server: front.server,
    gate,
    sessions,
    handshakes,
  })
  metrics.gauge({
    connectionsWaiting: () => watch.waiting,
    handshakes: () => handshakes.now,
    callsPending: () => calls.waiting,
    httpBodyBytes: () => bodies.held,
    httpRequests: () => inHand.held,
  })

  return {
    get sessions() {
      return sessions()
    },
    // An error in one message loses that message only, not the link.
    receive: contained(parts, 'link', (message: ToEdgeHost) => {
      switch (message.kind) {
        case 'answer':
          handshakes.answered(message.answer)
          return calls.answer(message.call, message.answer)
        case 'document':
          if (message.message.kind === 'recheck') edge.recheck()
          return documents.receive(message.message)
        default:
          return edge.receive(message)
      }
    }),
    handleUpgrade: upgrades.take,
    handleRequest(request, response) {
      if (!isOwnRequest(request, ownPaths)) return false
      if (!isStopped) answerRequest(request, response)
      else {
        respond(parts, request, response, () => {
          throw new RequestRefused(503, 'UNAVAILABLE', 'the server is closed', 1)
        })
      }
      return true
    },
    async listen(at) {
      watch.goOn()
      const port = await front.listen(at)
      if (isOwnListener(options)) {
        const listen = () => front.listen({ ...at, port })
        watch.own({ listen, pause: front.pause, holdOff: front.holdOff, reusePort: at.reusePort })
      }
      return port
    },
    rest: watch.rest,
    closeListener() {
      closed = true
      watch.stop()
      // On a server of the embedding program, new connections get 503 with Retry-After.
      if (isOwnListener(options)) front.close()
    },
    async drain(spreadMs) {
      await Promise.all([edge.drain(spreadMs), documents.drain(spreadMs)])
    },
    stop() {
      closed = true
      isStopped = true
      if (!isOwnListener(options)) front.close()
      watch.stop()
      calls.stop()
      looking.stop()
      lookingAtBodies.stop()
      files?.stop()
      return edge.stop() + documents.stop()
    },
  }
}

type Asking =
  | Omit<Extract<DocumentToCore, { kind: 'ask' }>, 'call'>
  | Omit<Extract<DocumentToCore, { kind: 'list' }>, 'call'>

function askDocuments(
  { core, calls }: { readonly core: Port<ToCore>; readonly calls: PendingRequests },
  asking: Asking,
): Promise<DocumentAnswer> {
  return new Promise((resolve) => {
    const call = calls.open((answer) => resolve(documentAnswerOf(answer)), 'question')
    core.send({ kind: 'document', message: { ...asking, call } })
  })
}

/** What answers an upgrade at a path. */
function routeOf(
  { path = connectPath, documents: { path: base = documentsPath } = {} }: ServerOptions,
  channels: TakeUpgrade,
  documents: TakeUpgrade,
): (path: string) => TakeUpgrade | undefined {
  return (asked) => {
    if (asked === path) return channels
    return asked === base || asked.startsWith(`${base}/`) ? documents : undefined
  }
}

/**
 * Whether a GET of a URL is only served as a WebSocket. Document names may contain slashes, so
 * below the documents path only a request with handshake headers counts.
 */
function webSocketPathsOf({
  path = connectPath,
  documents: { path: base = documentsPath } = {},
}: ServerOptions): (url: string, isHandshake: boolean) => boolean {
  return (url, isHandshake) => {
    const [asked = ''] = url.split('?', 1)
    if (asked === path) return true
    if (asked !== base && !asked.startsWith(`${base}/`)) return false
    if (isHandshake) return true
    const name = asked.slice(base.length + 1)
    return (
      name !== '' && !name.includes('/') && parseRoute(name, new URLSearchParams()) === undefined
    )
  }
}

function isOwnListener({ httpServer, listen }: ServerOptions): boolean {
  return httpServer === undefined && listen !== false
}

/** What brings connections: a listener, a server of the embedding program, or the program itself. */
function listenerOf(
  { options, limits, log, metrics }: EdgeHostContext,
  upgrades: Upgrades,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): HttpListener {
  const { httpServer, path = connectPath, documents: { path: base = documentsPath } = {} } = options
  if (httpServer !== undefined) return attachTo(httpServer, [path, base], upgrades)
  if (!isOwnListener(options)) return detached
  return createHttpListener({
    onRequest,
    onUpgrade(request, socket, head) {
      if (!upgrades.take(request, socket, head)) upgrades.refuseUnknown(request, socket)
    },
    connectionsMax: limits.sessionsMax + besidesSessionsMax,
    limits,
    log,
    metrics,
  })
}

/* What a server is not told to do is not loaded: each process has its own copy of all that it loads. */

async function filesOf(
  { static: folder, contentSecurityPolicy }: ServerOptions,
  faults: FaultContext,
): Promise<StaticFiles | undefined> {
  if (folder === undefined) return undefined
  checkFolder(folder)
  const { createStaticFiles } = await import('./http/static/static-files.ts')
  return createStaticFiles(folder, faults, contentSecurityPolicy)
}

/** Only an auth of the embedding program reads requests; for others nothing is kept. */
function readRequestOf({ auth = 'open' }: ServerOptions): ReadRequest {
  return typeof auth === 'object' && 'identify' in auth
    ? (request) => new IncomingClientRequest(request)
    : () => undefined
}

async function authOf(
  { auth = 'open' }: ServerOptions,
  { makeId, clock }: EdgeHostContext,
): Promise<Auth> {
  if (auth === 'open') return createOpenAuth(makeId)
  if (typeof auth === 'string') {
    throw new RusherError(
      'CONFIG',
      `auth is '${String(auth)}'; it can be 'open', token options, or an auth of your own`,
    )
  }
  if ('identify' in auth) return auth
  const { createTokenAuth } = await import('./auth/token-auth.ts')
  return createTokenAuth(auth, clock.now)
}
