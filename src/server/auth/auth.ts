import type { User } from '../../protocol/index.ts'

/** Who a session acts for, and until when. */
export interface Identity {
  readonly user: User
  /** Milliseconds since 1970; absent when it does not end. */
  readonly expiresAt?: number
  /** Nobody knows who it is; the id was made for this session. */
  readonly anonymous?: true
  /** The user is whoever the client says it is: nobody checked it. Set by open auth. */
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

/** Why somebody is refused, for the log and the metrics. */
export interface AuthRefusal {
  /** A row of `tokenFaults`, or a few words of your own, which are not sent to the client. */
  readonly refused: string
  /** More about this one; for the log only. */
  readonly detail?: string
}

/** What an auth finds out. Undefined refuses without a reason. */
export type Identified = Identity | AuthRefusal | undefined

export type Act = 'read' | 'write'

/** Says who someone is. Rules AU1 to AU… bind every keeper. */
export interface Auth {
  /**
   * The identity, or undefined or an AuthRefusal to refuse. Throws, or rejects, only when it could
   * not be found out (then the client may try again). A promise only where it takes time: a crowd
   * that comes in pays for each.
   */
  identify(credentials: Credentials): Identified | Promise<Identified>
}

/** May this identity read (join, see history and presence) or write (publish, signal, request) in this channel? */
export type Permit = (identity: Identity, channel: string, act: Act) => boolean | Promise<boolean>
