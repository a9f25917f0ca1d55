import type { Durability, Json, Refusal, User } from '../../protocol/index.ts'
import type { LogState } from '../storage/storage.ts'
import type { DocumentAnswer, DocumentToCore, DocumentToEdge } from './document-messages.ts'

/**
 * The way between an edge, which holds connections, and the core, which holds channels. Messages arrive in the order in which
 * they were sent, each once, or the link ends. That order is what makes recovery gapless: what the core answers about a
 * channel's log stands before every later event of that channel.
 */

/** A command for a channel's app. `call` comes back with the answer; 0 asks for none. */
export interface AppCall {
  readonly kind: 'command'
  readonly call: number
  readonly act: 'publish' | 'signal' | 'request'
  readonly channel: string
  readonly user: User
  readonly body: Json
  readonly id?: string
  readonly expect?: number
}

export interface LinkJoin {
  readonly channel: string
  readonly presence: boolean
  readonly latest: boolean
}

export type LinkJoined =
  | { readonly refusal: Refusal }
  | {
      readonly log: LogState
      /** JSON text of a PresenceState, encoded once for everybody who joins at the same time. */
      readonly presence?: string
      /** JSON text of a list of LatestValue. */
      readonly latest?: string
    }

export type ToCore =
  | AppCall
  /** A session of this user joins these channels; tells each one's log's state, and on request who is there and what is kept. */
  | {
      readonly kind: 'join'
      readonly call: number
      readonly user: User
      readonly channels: readonly LinkJoin[]
    }
  /** A session of this user is gone from the channels. `atOnce`: on purpose, so that it is not waited for. */
  | {
      readonly kind: 'leave'
      readonly channels: readonly string[]
      readonly userId: string
      readonly atOnce: boolean
    }
  /** The events after an offset, as many as fit a page. */
  | {
      readonly kind: 'read'
      readonly call: number
      readonly channel: string
      readonly after: number
      readonly limit: number
    }
  | {
      readonly kind: 'read-before'
      readonly call: number
      readonly channel: string
      readonly before: number | undefined
      readonly limit: number
    }
  /** Presence and latest values anew, for a session that missed some. */
  | {
      readonly kind: 'look'
      readonly call: number
      readonly channel: string
      readonly presence: boolean
      readonly latest: boolean
    }
  /** What others are to see beside this user in the channel's presence. */
  | {
      readonly kind: 'track'
      readonly call: number
      readonly channel: string
      readonly userId: string
      readonly data: Json
    }
  | { readonly kind: 'document'; readonly message: DocumentToCore }
  /** Whether publishes can be kept now. */
  | { readonly kind: 'ready'; readonly call: number }
  /** The metrics of the whole server, as text. */
  | { readonly kind: 'metrics'; readonly call: number }
  /** This edge's metrics, as the core asked for them. */
  | {
      readonly kind: 'measured'
      readonly call: number
      readonly metrics: readonly object[]
    }
  /** Number of sessions on this edge, sent once a second; also serves as a heartbeat. */
  | { readonly kind: 'holds'; readonly sessions: number }
  /** This edge listens, or is ready to; or it could not. */
  | { readonly kind: 'listening' }
  | { readonly kind: 'standing-by' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  /** How many places of this edge are taken, when that has changed. */
  | { readonly kind: 'fullness'; readonly fullness: LoadLevel }
  /** Every session of this edge is closed. */
  | { readonly kind: 'drained' }

/** How many places of an edge are taken: some, most, or nearly all. */
export type LoadLevel = 'room' | 'filling' | 'nearly-full'

export type Answer =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | {
      readonly kind: 'published'
      readonly offset: number
      readonly epoch: string
      readonly duplicate: boolean
    }
  /** Accepted, and the app kept nothing in the log. */
  | { readonly kind: 'accepted' }
  /** An app's reply as JSON text. */
  | { readonly kind: 'replied'; readonly text: string }
  /** In the order in which they were asked. */
  | { readonly kind: 'joined'; readonly channels: readonly LinkJoined[] }
  | {
      readonly kind: 'page'
      readonly log: LogState
      /** Offset of the first event; `after + 1` unless the log has been trimmed past it. */
      readonly first: number
      /** JSON texts of events, in order, without a hole. */
      readonly events: readonly string[]
    }
  | { readonly kind: 'seen'; readonly presence?: string; readonly latest?: string }
  | {
      readonly kind: 'readiness'
      readonly ready: boolean
      readonly checks: Readonly<Record<string, string>>
    }
  | { readonly kind: 'metrics'; readonly text: string }
  | { readonly kind: 'document'; readonly answer: DocumentAnswer }

export type ToEdge =
  | { readonly kind: 'answer'; readonly call: number; readonly answer: Answer }
  /** Events just committed, in order from `first`. */
  | {
      readonly kind: 'events'
      readonly channel: string
      readonly first: number
      readonly events: readonly string[]
    }
  /** Not in the log: JSON text of a signal, latest or presence event. `about` says to whom it matters. */
  | {
      readonly kind: 'passing'
      readonly channel: string
      readonly about: 'signal' | 'latest' | 'presence'
      readonly event: string
    }
  | { readonly kind: 'document'; readonly message: DocumentToEdge }
  /** The first message to an edge process: listen, together with the others, or be ready to. */
  | {
      readonly kind: 'listen'
      readonly port: number
      readonly host: string
      readonly durability: Durability
      readonly standsBy: boolean
    }
  /** To one that stands by: listen now. It answers that it does. */
  | { readonly kind: 'open' }
  /** To one that listens: stand by, since others have more room. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'measure'; readonly call: number }
  | { readonly kind: 'drain'; readonly spreadMs: number }

/** One end of a link, as its other end sees it. */
export interface Port<Message> {
  send(message: Message): void
}
