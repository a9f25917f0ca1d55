import type { RefusalReason } from '../admission/upgrade-gate.ts'
import { tokenFaultOf, tokenFaults } from '../auth/token-faults.ts'
import type { Log } from '../log/log.ts'
import type { EdgeMetrics, HttpMetrics } from '../metrics/metrics.ts'

interface RefusalRow {
  readonly status: string
  /** What is wrong and what to do, for the response and the log. */
  readonly text: string
}

const proxyHeaders =
  'a reverse proxy must forward the upgrade (nginx: proxy_http_version 1.1; ' +
  'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade")'

/** Refusals caused by the request itself. The keys are metric labels. */
export const refusalTable = {
  path: { status: '404 Not Found', text: 'no WebSocket endpoint at this path' },
  http_version: {
    status: '400 Bad Request',
    text: `a WebSocket requires HTTP/1.1: ${proxyHeaders}`,
  },
  no_host: { status: '400 Bad Request', text: 'a request must have exactly one Host header' },
  host: {
    status: '403 Forbidden',
    text:
      'the Host header names an unknown host, as in a DNS rebinding attack. ' +
      'Allow the name with --allowed-host <name> or `allowedHosts`',
  },
  method: { status: '405 Method Not Allowed', text: 'a WebSocket is opened with GET' },
  no_upgrade: {
    status: '426 Upgrade Required',
    text: `this is a WebSocket endpoint and the request has no upgrade: ${proxyHeaders}`,
  },
  version: {
    status: '426 Upgrade Required',
    text: 'this server supports WebSocket version 13 (RFC 6455)',
  },
  key: {
    status: '400 Bad Request',
    text: 'Sec-WebSocket-Key must be 16 bytes in base64 (RFC 6455)',
  },
  origin: {
    status: '403 Forbidden',
    text:
      'this origin is not allowed: add it to `origins` in the server configuration (--origin), ' +
      'or have the proxy forward the Host header',
  },
} as const satisfies Readonly<Record<string, RefusalRow>>

/** A key of `refusalTable`. Refusals caused by server load are `RefusalReason`. */
export type RequestFault = keyof typeof refusalTable

const loadTexts: Readonly<Record<Exclude<RefusalReason, 'draining'>, string>> = {
  full: 'the server is full: raise limits.sessionsMax or the limit of open files, or add edges',
  rate: 'more connections a second than limits.upgradesPerSecond',
  handshakes: 'more handshakes are in progress than limits.handshakesMax',
  late: 'new connections wait longer than limits.acceptLateMs: the server is overloaded',
}

/** Fields of the request to log. */
interface Asked {
  readonly origin?: string | undefined
  readonly host?: string | undefined
  readonly url?: string | undefined
}

interface Logged extends Asked {
  readonly detail?: string | undefined
}

interface ReporterOptions {
  readonly log: Pick<Log, 'warn'>
  readonly metrics: Pick<EdgeMetrics, 'upgradeRefused' | 'tokenRefused'> &
    Pick<HttpMetrics, 'requestRefused'>
  readonly monotonicMs: () => number
}

const everyMs = 60_000
const fieldCharsMax = 200
/** The only fields that are logged of a request. */
const loggedFields = ['origin', 'host', 'url', 'detail'] as const

/**
 * Reports refusals to the operator. Every refusal is counted by reason. Each cause is logged when
 * it first occurs, then at most once a minute with a count.
 */
export class RefusalReporter {
  readonly #options: ReporterOptions
  /** By cause; bounded by the number of table rows. */
  readonly #causes = new Map<string, { loggedMs: number; unlogged: number }>()

  constructor(options: ReporterOptions) {
    this.#options = options
  }

  /** Reports a refused upgrade, or a request that should have been one. */
  upgrade(reason: RequestFault | RefusalReason, asked: Asked): void {
    this.#options.metrics.upgradeRefused(reason)
    if (reason === 'draining') return
    const text = reason in refusalTable ? textOf(reason as RequestFault) : loadTextOf(reason)
    this.#log(`upgrade ${reason}`, reason, `upgrade refused: ${text}`, asked)
  }

  /** Reports any other refused request. */
  request(reason: RequestFault, asked: Asked): void {
    this.#options.metrics.requestRefused(reason)
    this.#log(`request ${reason}`, reason, `request refused: ${textOf(reason)}`, asked)
  }

  /** Reports a refused token or user. An unknown reason becomes the detail of `other`. */
  token(reason: string, detail: string | undefined): void {
    const known = tokenFaultOf(reason)
    this.#options.metrics.tokenRefused(known)
    const told = detail ?? (known === reason ? undefined : reason)
    this.#log(`token ${known}`, known, `token refused: ${tokenFaults[known]}`, { detail: told })
  }

  #log(cause: string, reason: string, message: string, fields: Logged): void {
    const nowMs = this.#options.monotonicMs()
    const known = this.#causes.get(cause)
    if (known !== undefined && nowMs - known.loggedMs < everyMs) {
      known.unlogged += 1
      return
    }
    const count = 1 + (known?.unlogged ?? 0)
    this.#causes.set(cause, { loggedMs: nowMs, unlogged: 0 })
    this.#options.log.warn({ reason, count, ...shortened(fields) }, message)
  }
}

function textOf(reason: RequestFault): string {
  return refusalTable[reason].text
}

function loadTextOf(reason: string): string {
  return loadTexts[reason as Exclude<RefusalReason, 'draining'>]
}

/**
 * Fields to log, without missing ones and truncated: they come from a peer. Others are dropped, so
 * that headers with a cookie or a token never reach the log.
 */
function shortened(fields: Logged): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {}
  for (const name of loggedFields) {
    const value = fields[name]
    if (typeof value === 'string') texts[name] = value.slice(0, fieldCharsMax)
  }
  return texts
}
