import type { Limits } from '../../../protocol/index.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Transport } from '../../transport/transport.ts'

/** What can be congested: a pipe, and what was last seen of it. */
export interface BackpressureState {
  readonly transport: Transport
  readonly state: string
  /** More waits in the pipe than it should. */
  congested: boolean
  /** What the pipe had sent when it was last looked at, and when that grew. */
  sentBytes: number
  progressMs: number
}

/**
 * Sessions whose pipes hold more than they should. Nothing more is read from them or written to them until they have drained; one that makes
 * no progress is given up.
 */
export interface Backpressure<Session extends BackpressureState> {
  add(session: Session): void
  remove(session: Session): void
  stop(): void
}

/** How often congested pipes are looked at, in milliseconds. While none is, nothing is looked at. */
const lookEveryMs = 20

/** Time without progress that is granted above the hard limit, in milliseconds. */
const hardMs = 1_000

interface Then<Session> {
  slow(session: Session): void
  drained(session: Session): void
}

export function createBackpressure<Session extends BackpressureState>(
  limits: Pick<Limits, 'outboxSoftBytes' | 'outboxHardBytes' | 'stalledMs'>,
  clock: Clock,
  then: Then<Session>,
): Backpressure<Session> {
  const congested = new Set<Session>()
  let looking: { stop(): void } | undefined

  function stop(): void {
    looking?.stop()
    looking = undefined
  }

  function lookAtAll(): void {
    const nowMs = clock.monotonicMs()
    for (const session of congested) look(session, nowMs)
    if (congested.size === 0) stop()
  }

  function remove(session: Session): void {
    congested.delete(session)
    session.congested = false
  }

  function look(session: Session, nowMs: number): void {
    const { transport } = session
    const buffered = transport.bufferedBytes
    if (buffered <= limits.outboxSoftBytes / 2) {
      remove(session)
      transport.resume()
      return then.drained(session)
    }
    const sent = transport.sentBytes
    if (sent > session.sentBytes) {
      session.sentBytes = sent
      session.progressMs = nowMs
      return
    }
    // Only replies to what it asked can have made so much wait: one that reads them is not slow.
    const patienceMs = buffered > limits.outboxHardBytes ? hardMs : limits.stalledMs
    if (nowMs - session.progressMs > patienceMs) then.slow(session)
  }

  return {
    add(session) {
      if (session.state === 'closed') return
      session.congested = true
      session.sentBytes = session.transport.sentBytes
      session.progressMs = clock.monotonicMs()
      congested.add(session)
      looking ??= clock.every(lookEveryMs, lookAtAll)
      session.transport.pause()
    },
    remove,
    stop,
  }
}
