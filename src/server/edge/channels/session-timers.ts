import { createClockWatch } from '../connection/clock-watch.ts'
import { edgeTimes, warnBefore } from '../connection/edge-times.ts'
import { createTimingWheel } from '../connection/timing-wheel.ts'
import type { EdgeOptions } from './edge-options.ts'
import type { Session } from './session.ts'
import type { SessionActions } from './session-actions.ts'

/** Everything that happens to a session by the passing of time: its greeting, pings, the end of its token, the drain. */
export interface SessionTimers {
  /** A new session must connect in time, whatever it sends meanwhile. */
  greet(session: Session): void
  /** Looks anew when the session is next due. */
  rearm(session: Session): void
  /** The session has presented a token, its first or a renewed one. */
  identified(session: Session): void
  cancel(session: Session): void
  /** Tells a session to come back elsewhere or later, and ends it some time within the spread. */
  sendAway(session: Session, spreadMs: number): void
  turn(): void
}

const never = Number.POSITIVE_INFINITY
/** Time between being told to go and being sent away, in milliseconds. */
const lastCallMs = 500

/** `recheck` checks what an open session may still read and schedules the next check. */
export function createSessionTimers(
  options: Pick<EdgeOptions, 'limits' | 'clock' | 'random' | 'permit'>,
  acts: Pick<SessionActions, 'close' | 'send'>,
  recheck: (session: Session) => void,
): SessionTimers {
  const { limits, clock, permit } = options
  const watch = createClockWatch(clock)
  const wheel = createTimingWheel<Session>(
    { slots: edgeTimes.wheelSlots, tickMs: edgeTimes.wheelTickMs, nowMs: clock.monotonicMs() },
    due,
  )

  function due(session: Session): void {
    if (session.state === 'closed') return
    const nowMs = clock.monotonicMs()
    if (session.endMs !== 0 && nowMs >= session.endMs) return acts.close(session, 'SERVER_RESTART')
    if (session.state !== 'open') {
      if (nowMs >= session.connectByMs) return acts.close(session, 'CONNECT_TIMEOUT')
      return rearm(session)
    }
    const leftMs = tokenLeftMs(session)
    if (leftMs <= 0) return acts.close(session, 'TOKEN_EXPIRED')
    // The wall clock was set back, so the expiry is further away again.
    if (leftMs > session.warnBeforeMs) session.warnedMs = 0
    else if (session.warnedMs === 0) warn(session, nowMs)
    if (permit !== undefined && nowMs - session.checkedMs >= edgeTimes.recheckMs) {
      session.checkedMs = nowMs
      recheck(session)
      // The call above may have closed the session.
      if ((session.state as Session['state']) === 'closed') return
    }
    if (session.congested || isReadingMuch(session)) hear(session, nowMs)
    if (session.pingedMs !== 0 && nowMs - session.pingedMs >= limits.pongMs)
      return acts.close(session, 'SILENT')
    if (session.pingedMs === 0 && nowMs - session.heardMs >= limits.pingMs) {
      session.pingedMs = nowMs
      acts.send(session, '{"type":"ping"}')
    }
    rearm(session)
  }

  /** Whether a large frame is arriving, which blocks other input. It has its own deadline. */
  function isReadingMuch({ documents }: Session): boolean {
    return documents !== undefined && documents.large !== undefined
  }

  /** A congested session is not read from, so its silence says nothing: congestion has its own deadline. */
  function hear(session: Session, nowMs: number): void {
    session.heardMs = nowMs
    session.pingedMs = 0
  }

  function warn(session: Session, nowMs: number): void {
    session.warnedMs = nowMs
    const expiresAt = session.identity?.expiresAt
    const endsInMs = Math.max(0, Math.round(tokenLeftMs(session)))
    acts.send(session, JSON.stringify({ type: 'expiring', expiresAt, endsInMs }))
  }

  /** Tokens end by the wall clock, as their makers meant it. */
  function tokenLeftMs(session: Session): number {
    const expiresAt = session.identity?.expiresAt
    return expiresAt === undefined ? never : expiresAt - clock.now()
  }

  function rearm(session: Session): void {
    if (session.state === 'closed') return
    const nowMs = clock.monotonicMs()
    if (session.state !== 'open') return wheel.wake(session, session.connectByMs - nowMs)
    const silence =
      session.pingedMs === 0 ? session.heardMs + limits.pingMs : session.pingedMs + limits.pongMs
    const leftMs = tokenLeftMs(session)
    const token = session.warnedMs === 0 ? leftMs - session.warnBeforeMs : leftMs
    const end = session.endMs === 0 ? never : session.endMs - nowMs
    const check = permit === undefined ? never : session.checkedMs + edgeTimes.recheckMs - nowMs
    wheel.wake(session, Math.min(silence - nowMs, token, end, check))
  }

  return {
    rearm,
    identified(session) {
      session.warnedMs = 0
      session.warnBeforeMs = warnBefore(tokenLeftMs(session), edgeTimes.warnMs)
      rearm(session)
    },
    cancel: wheel.cancel,
    greet(session) {
      session.connectByMs = clock.monotonicMs() + limits.connectMs
      wheel.wake(session, limits.connectMs)
    },
    sendAway(session, spreadMs) {
      if (spreadMs <= 0 || session.state !== 'open') return acts.close(session, 'SERVER_RESTART')
      const afterMs = Math.floor(options.random() * spreadMs)
      acts.send(session, JSON.stringify({ type: 'drain', afterMs, reason: 'SERVER_RESTART' }))
      session.endMs = clock.monotonicMs() + afterMs + lastCallMs
      rearm(session)
    },
    turn() {
      // Tokens expire by the wall clock; the wheel uses the monotonic clock.
      if (watch.wasSet()) wheel.wakeAll()
      wheel.turn(clock.monotonicMs())
    },
  }
}
