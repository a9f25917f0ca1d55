/** Headers and tokens of connections. They are sent to the workers and never kept with a run. */
export interface Credentials {
  /** Fields of the upgrade request. Values may have placeholders. */
  readonly headers: readonly Header[]
  /** One for each session, in turn; none: sessions have no token. */
  readonly tokens: readonly string[]
}

export type Header = readonly [name: string, value: string]

export const noCredentials: Credentials = { headers: [], tokens: [] }

/** RFC 9110, section 5.6.2. */
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** RFC 9110, section 5.5, without `obs-text`. */
const fieldValue = /^[\t\x20-\x7e]*$/
/** Fields of the handshake itself (RFC 6455, section 4.1). */
const ownFields = new Set(['connection', 'upgrade', 'content-length', 'transfer-encoding'])

/** Reads `Name: value`; a text says why it is no header that can be added to an upgrade request. */
export function parseHeader(text: string): Header | string {
  const colon = text.indexOf(':')
  const name = text.slice(0, Math.max(0, colon)).trim()
  const value = text.slice(colon + 1).trim()
  if (!fieldName.test(name)) return "write it as 'Name: value'"
  if (!fieldValue.test(value)) return 'its value may hold visible ASCII characters only'
  const lower = name.toLowerCase()
  if (ownFields.has(lower) || lower.startsWith('sec-websocket-'))
    return `${name} belongs to the WebSocket handshake`
  return [name, value]
}

/** The tokens of a text with one a line; empty lines are left out. A text says what is wrong. */
export function parseTokens(text: string): readonly string[] | string {
  const tokens = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (tokens.length === 0) return 'it has no line with a token'
  const bad = tokens.findIndex((token) => !fieldValue.test(token))
  return bad === -1
    ? tokens.map((token) => token.trim())
    : `token ${bad + 1} has characters other than visible ASCII`
}

/**
 * The part of a worker that holds the sessions `worker`, `worker + workers` and so on. Its tokens
 * are those of its sessions, in turn: not more than there are before they repeat.
 */
export function credentialsOfWorker(
  { headers, tokens }: Credentials,
  of: { readonly worker: number; readonly workers: number; readonly connections: number },
): Credentials {
  if (tokens.length === 0) return { headers, tokens }
  const sessions = Math.max(1, Math.ceil(of.connections / of.workers))
  const period = tokens.length / greatestCommonDivisor(tokens.length, of.workers)
  const own = Array.from(
    { length: Math.min(sessions, period) },
    (_, no) => tokens[(of.worker + no * of.workers) % tokens.length] ?? '',
  )
  return { headers, tokens: own }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
