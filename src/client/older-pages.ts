import type { HistoryReply, LoggedEvent } from '../protocol/message.ts'
import { ClientError } from './client-error.ts'
import type { EventLog } from './event-log.ts'
import type { JoinWaiters } from './join-waiters.ts'

/** What loading older pages needs of its channel. */
export interface OlderPagesParts {
  readonly log: EventLog
  readonly joins: JoinWaiters
  readonly history: (page: { before: number; limit?: number }) => Promise<HistoryReply>
  /** Takes the events that a page brought. */
  readonly took: (events: readonly LoggedEvent[]) => void
  readonly isOffline: () => boolean
}

/** Loads the pages before the oldest event held, one at a time. A lost connection is waited out. */
export class OlderPages {
  readonly #parts: OlderPagesParts
  #loading: Promise<boolean> | undefined

  constructor(parts: OlderPagesParts) {
    this.#parts = parts
  }

  /** Loads the next page, or joins the load in progress. Resolves to whether there is more. */
  load(limit: number | undefined): Promise<boolean> {
    this.#loading ??= this.#load(limit).finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #load(limit: number | undefined): Promise<boolean> {
    const { log, joins, history, took, isOffline } = this.#parts
    for (;;) {
      await joins.wait()
      if (!log.hasOlder) return false
      try {
        const before = log.olderBefore
        took(log.prepend(await history({ before, ...(limit !== undefined && { limit }) })))
        return log.hasOlder
      } catch (error) {
        // A page can be asked for again; while there is no session, the question waits for the next.
        const again = error instanceof ClientError && isLoss(error, isOffline())
        if (!again) throw error
      }
    }
  }
}

/** True when a command failed only for want of a session. */
function isLoss(error: ClientError, offline: boolean): boolean {
  return error.code === 'DISCONNECTED' || (error.code === 'TIMEOUT' && offline)
}
