import type { CheckedAuth } from '../auth/check-identity.ts'
import { edgeTimes } from '../edge/connection/edge-times.ts'
import { withTimeout } from '../edge/connection/with-timeout.ts'
import type { Answer, Port, ToCore } from '../link/link.ts'

/**
 * Work of new connections that was begun and waits for somebody: a token for the auth, a join for the core. A connection that has said
 * nothing yet is no work, and does not count: else a few that stay silent would shut everybody out.
 */
export interface PendingHandshakes {
  readonly now: number
  /** Those that were finished, or given up, since the start. */
  readonly done: number
  /** The given auth, counted. */
  readonly auth: CheckedAuth
  /** The way to the core, counted. */
  readonly core: Port<ToCore>
  /** To be told of every answer of the core. */
  answered(answer: Answer): void
}

export function createPendingHandshakes(auth: CheckedAuth, core: Port<ToCore>): PendingHandshakes {
  let identifying = 0
  let joining = 0
  let done = 0

  async function counted<Found>(found: Promise<Found>): Promise<Found> {
    identifying += 1
    try {
      // Whoever asked gives up then, too.
      return await withTimeout(edgeTimes.authMs, found)
    } finally {
      identifying -= 1
      done += 1
    }
  }

  return {
    get done() {
      return done
    },
    get now() {
      return identifying + joining
    },
    auth: {
      identify(credentials, request, as) {
        const found = auth.identify(credentials, request, as)
        if (found instanceof Promise) return counted(found)
        done += 1
        return found
      },
    },
    core: {
      send(message) {
        if (message.kind === 'join') joining += 1
        core.send(message)
      },
    },
    answered({ kind }) {
      if (kind !== 'joined') return
      joining -= 1
      done += 1
    },
  }
}
