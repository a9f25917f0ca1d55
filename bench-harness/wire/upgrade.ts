import { createHash } from 'node:crypto'
import type { Header } from '../plan/credentials.ts'
import { type ConnectionValues, fillPlaceholders, hasPlaceholder } from '../plan/placeholders.ts'

/*
 * The opening handshake of RFC 6455, section 4.1. All connections use one key, so every answer can
 * be checked by comparing bytes. A request without placeholders is made once for each URL.
 */

/** The GUID of RFC 6455, section 1.3. */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

const emptyLine = '\r\n'

export interface UpgradeRequest {
  bytesFor(values: ConnectionValues): Buffer
  /** What `Sec-WebSocket-Accept` has to be. */
  readonly accept: string
}

/** Makes the request for a URL, with further fields. `key` is sixteen bytes. */
export function upgradeRequest(
  url: URL,
  key: Uint8Array,
  headers: readonly Header[] = [],
): UpgradeRequest {
  const encoded = Buffer.from(key).toString('base64')
  const target = `${url.pathname}${url.search}`
  const host = headers.some(([name]) => name.toLowerCase() === 'host') ? [] : [`Host: ${url.host}`]
  const fields = [
    ...host,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${encoded}`,
    'Sec-WebSocket-Version: 13',
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ]
  const make = (values: ConnectionValues): Buffer => {
    const filled = fields.map((field) => fillPlaceholders(field, values))
    const line = `GET ${fillPlaceholders(target, values, encodeURIComponent)} HTTP/1.1`
    return Buffer.from(`${[line, ...filled].join('\r\n')}\r\n\r\n`)
  }
  const same = [target, ...fields].some(hasPlaceholder)
    ? undefined
    : make({ session: 0, token: undefined })
  return {
    bytesFor: (values) => same ?? make(values),
    accept: createHash('sha1').update(`${encoded}${guid}`).digest('base64'),
  }
}

/** The bytes of a request that offers subprotocols besides. */
export function offering(bytes: Buffer, protocols: readonly string[]): Buffer {
  const field = `Sec-WebSocket-Protocol: ${protocols.join(', ')}\r\n\r\n`
  return Buffer.concat([bytes.subarray(0, bytes.length - emptyLine.length), Buffer.from(field)])
}

export type UpgradeAnswer =
  /** Not all of the head is there. */
  | { readonly kind: 'partial' }
  /** Bytes of the head; what follows it are frames. And the subprotocol that was taken up. */
  | { readonly kind: 'upgraded'; readonly headBytes: number; readonly protocol?: string }
  | {
      readonly kind: 'status'
      readonly status: number
      readonly line: string
      /** When the server wants to be asked again (RFC 9110, section 10.2.3), where it says so in seconds. */
      readonly retryAfterMs?: number
    }
  | { readonly kind: 'bad accept'; readonly given: string }
  | { readonly kind: 'no http'; readonly line: string }

/** Longest head that is read, in bytes. */
const headBytesMax = 16 * 1024

/** Looks at what a server has answered so far. */
export function readUpgrade(bytes: Buffer, accept: string): UpgradeAnswer {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) {
    const line = bytes.subarray(0, 80).toString('latin1')
    if (bytes.length > headBytesMax) return { kind: 'no http', line }
    return bytes.length >= 5 && !line.startsWith('HTTP/')
      ? { kind: 'no http', line }
      : { kind: 'partial' }
  }
  const [line = '', ...fields] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1])
  if (!Number.isInteger(status)) return { kind: 'no http', line: line.slice(0, 80) }
  if (status !== 101) {
    const seconds = fieldOf(fields, 'retry-after') ?? ''
    const retry = /^\d{1,6}$/.test(seconds) ? { retryAfterMs: Number(seconds) * 1_000 } : {}
    return { kind: 'status', status, line, ...retry }
  }
  const given = fieldOf(fields, 'sec-websocket-accept')
  if (given !== accept) return { kind: 'bad accept', given: given ?? 'none' }
  const protocol = fieldOf(fields, 'sec-websocket-protocol')
  return { kind: 'upgraded', headBytes: end + 4, ...(protocol !== undefined && { protocol }) }
}

/** The value of a field, whose name may be written as its sender likes. */
function fieldOf(fields: readonly string[], name: string): string | undefined {
  return fields
    .find((field) => field.toLowerCase().startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim()
}
