import type { Limits, RusherError } from '../../protocol/index.ts'
import type { App } from '../app/app.ts'
import type { Clock } from '../clock.ts'
import type { DocumentEngine } from '../document-engine/document-engine.ts'
import type { OnStateless } from '../documents/stateless-hook.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Storage } from '../storage/storage.ts'
import type { PresenceOptions } from './presence.ts'

/** An app whose types nobody needs to know any more: what goes into one of its functions came out of another. */
// biome-ignore lint/suspicious/noExplicitAny: the only type that every App<State, Command> is assignable to.
export type AnyApp = App<any, any>

/** The apps of a server. */
export interface ServedApps {
  /** Each serves the channels whose names begin with its own name and a colon. */
  readonly named: readonly AnyApp[]
  /** Serves all other channels; undefined: they are refused. */
  readonly plain: AnyApp | undefined
}

export interface CoreOptions {
  readonly apps: ServedApps
  readonly storage: Storage
  readonly engine: DocumentEngine
  /** Handles stateless messages of document clients. */
  readonly onStateless: OnStateless | undefined
  readonly limits: Limits
  /** Whether deleted content stays in a document of this name. */
  readonly keepsDeleted: (document: string) => boolean
  readonly presence: PresenceOptions
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Called once when only a new start from disk leads on. */
  readonly failed: (error: RusherError) => void
}

/** Sizes inside the core that no peer can change. */
export const coreSizes = {
  ringEventsMax: 256,
  ringCharsMax: 256 * 1024,
  /** Characters of events in one page; a page has at least one event. */
  pageCharsMax: 64 * 1024,
  latestMax: 1_000,
  /** Time after which a channel that nobody is in is let go, in milliseconds. */
  channelIdleMs: 30_000,
  tickMs: 100,
  retentionEveryMs: 30_000,
  replayEventsMax: 500,
} as const
