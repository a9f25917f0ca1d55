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
   */
  identify(credentials: Credentials): Identified | Promise<Identified>
}

/** May this identity read (join, see history and presence) or write (publish, signal, request) in this channel? */
export type Permit = (identity: Identity, channel: string, act: Act) => boolean | Promise<boolean>
