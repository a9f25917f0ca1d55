import type { IncomingHttpHeaders } from 'node:http'
import type { User } from '../../protocol/index.ts'

/** Who a session acts for, and until when. */
export interface Identity {
  readonly user: User
  /** Milliseconds since 1970; absent when it does not end. */
  readonly expiresAt?: number
  /** Nobody knows who it is; the id was made for this session. */
  readonly anonymous?: true
  /** The user is claimed by the client and not verified. Set by open auth. */
  readonly selfDeclared?: true
  /** Whatever the keeper knows besides, for `permit`. Never sent to anyone. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** What a client shows. */
export interface Credentials {
  readonly token?: string
  /** What the client says of itself. Only an open server takes its word. */
  readonly user?: User
}

/**
 * The HTTP request that a client authenticates with: the upgrade of its connection, or one request
 * of the documents API. Everything in it comes from the peer and may be forged, except `address`.
 * Its headers are bounded by `limits.httpHeaderBytesMax`, or by the HTTP server that you provide.
 */
export interface ClientRequest {
  /** The header fields. Names are in lower case, as in Node. */
  readonly headers: Readonly<IncomingHttpHeaders>
  /**
   * Cookies by name, decoded; at most 256. Of several with one name, the first: browsers send the
   * one with the most specific path first (RFC 6265 section 5.4). The object has no prototype.
   */
  readonly cookies: Readonly<Record<string, string>>
  /** The path of the URL. */
  readonly path: string
  /** The query of the URL. */
  readonly query: URLSearchParams
  /**
   * IP address of the other end of the connection, which is the proxy if there is one. Undefined on
   * a Unix socket. Forwarding headers are not evaluated, because any client can send them.
   */
  readonly address: string | undefined
}

/** Why authentication failed, for the log and the metrics. */
export interface AuthRefusal {
  /** A key of `tokenFaults`, or your own short text, which is not sent to the client. */
  readonly refused: string
  /** Additional detail for the log. */
  readonly detail?: string
}

/** The result of an auth. Undefined refuses without a reason. */
export type Identified = Identity | AuthRefusal | undefined

export type Act = 'read' | 'write'

/** Says who someone is. Rules AU1 to AU… bind every keeper. */
export interface Auth {
  /**
   * Returns the identity, or undefined or an AuthRefusal to refuse. Throws or rejects only when
   * authentication is unavailable; the client may then retry. Return a promise only if needed: each
   * one costs time when many clients connect at once.
   *
   * `request` is the HTTP request with headers, cookies, query and address: the upgrade of a
   * channel or document connection, or a request of the documents API. It is undefined when a token
   * is shown on a channel connection that is open already: on a renewal, and for a document that is
   * opened with its own token. A channel session does not keep it.
   */
  identify(credentials: Credentials, request?: ClientRequest): Identified | Promise<Identified>
}

/** May this identity read (join, see history and presence) or write (publish, signal, request) in this channel? */
export type Permit = (identity: Identity, channel: string, act: Act) => boolean | Promise<boolean>
