import { body } from '../../dialects/yjs/frames.ts'
import { createClockWatch } from '../connection/clock-watch.ts'
import { createTimingWheel } from '../connection/timing-wheel.ts'
import { encodeAwareness } from './awareness.ts'
import type { ClientAwareness } from './client-awareness.ts'
import {
  type DocumentConnection,
  type DocumentSubscription,
  mayRead,
} from './document-connection.ts'
import { documentTimes } from './document-edge-options.ts'
import type { DocumentOpener } from './open-document.ts'
import type { Refusals } from './refusals.ts'
import type { SubscriptionActions } from './subscription-context.ts'

/** Everything that happens to a document's connection by the passing of time. One wheel holds all of it. */
export interface ConnectionTimers {
  greet(socket: DocumentConnection): void
  rearm(socket: DocumentConnection): void
  cancel(socket: DocumentConnection): void
  /** Sends a connection away some time within the spread. */
  sendAway(socket: DocumentConnection, spreadMs: number): void
  turn(): void
}

const never = Number.POSITIVE_INFINITY

/** Whether the connection is for documents only. */
function isAlone({ entry }: DocumentConnection): boolean {
  return entry.session === undefined
}

export function createConnectionTimers(
  acts: SubscriptionActions,
  entering: DocumentOpener,
  presence: ClientAwareness,
  refusals: Refusals,
): ConnectionTimers {
  const { clock, permit, random } = acts.options
  const watch = createClockWatch(clock)
  const wheel = createTimingWheel<DocumentConnection>(
    {
      slots: documentTimes.wheelSlots,
      tickMs: documentTimes.wheelTickMs,
      nowMs: clock.monotonicMs(),
    },
    due,
  )

  function due(socket: DocumentConnection): void {
    if (socket.state === 'closed') return
    const nowMs = clock.monotonicMs()
    if (socket.endMs !== 0 && nowMs >= socket.endMs) return acts.close(socket, 'SERVER_RESTART')
    if (socket.places.size === 0 && nowMs >= socket.openByMs && isAlone(socket)) {
      return acts.close(socket, 'OPEN_TIMEOUT')
    }
    if (!hears(socket, nowMs)) return acts.close(socket, 'SILENT')
    for (const place of [...socket.places.values()]) endOfToken(place)
    if (permit !== undefined && nowMs - socket.checkedMs >= documentTimes.recheckMs) {
      socket.checkedMs = nowMs
      for (const place of socket.places.values()) entering.recheck(place)
    }
    for (const place of socket.places.values()) {
      if (place.held !== undefined) presence.sayHeld(place)
      refusals.askAgain(place, nowMs)
      // It has nothing to say of itself, or not yet.
      if (place.state === 'open' && !place.shown) acts.hub.showPresence(place)
    }
    if (nowMs - socket.spokenMs >= documentTimes.keepAliveMs) keepAlive(socket, nowMs)
    rearm(socket)
  }

  /** Whether its WebSocket still answers. One that is not read from for a good reason is not silent. */
  function hears(socket: DocumentConnection, nowMs: number): boolean {
    // A session on the same connection looks after that.
    if (!isAlone(socket)) return true
    if (!mayRead(socket) || socket.large !== undefined) {
      socket.heardMs = nowMs
      socket.pingedMs = 0
    }
    if (socket.pingedMs !== 0) return nowMs - socket.pingedMs < documentTimes.pongMs
    if (nowMs - socket.heardMs < documentTimes.pingMs) return true
    socket.pingedMs = nowMs
    socket.transport.ping()
    return true
  }

  /** Nothing, in a frame that counts as something. */
  function keepAlive(socket: DocumentConnection, nowMs: number): void {
    socket.spokenMs = nowMs
    const [place] = socket.places.values()
    if (place !== undefined) acts.say(place, body.awareness(encodeAwareness([])))
  }

  /** Tokens end by the wall clock, as their makers meant it. */
  function endOfToken(place: DocumentSubscription): void {
    const expiresAt = place.ownToken ? place.identity?.expiresAt : undefined
    if (expiresAt === undefined) return
    const leftMs = expiresAt - clock.now()
    if (leftMs <= 0) return acts.end(place, 'TOKEN_EXPIRED')
    // The wall clock was set back, so the expiry is further away again.
    if (leftMs > place.warnBeforeMs) place.warned = false
    else if (!place.warned && place.address !== undefined) askForToken(place)
  }

  function askForToken(place: DocumentSubscription): void {
    place.warned = true
    acts.say(place, body.hocuspocus.sendToken())
  }

  function tokenMs(place: DocumentSubscription): number {
    const expiresAt = place.ownToken ? place.identity?.expiresAt : undefined
    if (expiresAt === undefined) return never
    const leftMs = expiresAt - clock.now()
    return place.warned || place.address === undefined ? leftMs : leftMs - place.warnBeforeMs
  }

  function rearm(socket: DocumentConnection): void {
    if (socket.state === 'closed') return
    const nowMs = clock.monotonicMs()
    const silence =
      socket.pingedMs === 0
        ? socket.heardMs + documentTimes.pingMs
        : socket.pingedMs + documentTimes.pongMs
    const times = [
      isAlone(socket) ? silence - nowMs : never,
      socket.spokenMs + documentTimes.keepAliveMs - nowMs,
    ]
    if (permit !== undefined) times.push(socket.checkedMs + documentTimes.recheckMs - nowMs)
    if (socket.endMs !== 0) times.push(socket.endMs - nowMs)
    if (socket.places.size === 0 && isAlone(socket)) times.push(socket.openByMs - nowMs)
    for (const place of socket.places.values()) {
      const isSoon = place.held !== undefined || (place.state === 'open' && !place.shown)
      if (isSoon) times.push(documentTimes.wheelTickMs)
      times.push(tokenMs(place))
      times.push(refusals.dueMs(place) - nowMs)
    }
    wheel.wake(socket, Math.max(0, Math.min(...times)))
  }

  return {
    greet(socket) {
      socket.openByMs = clock.monotonicMs() + documentTimes.openMs
      rearm(socket)
    },
    rearm,
    cancel: wheel.cancel,
    sendAway(socket, spreadMs) {
      if (spreadMs <= 0) return acts.close(socket, 'SERVER_RESTART')
      socket.endMs = clock.monotonicMs() + Math.floor(random() * spreadMs)
      rearm(socket)
    },
    turn() {
      // Tokens expire by the wall clock; the wheel uses the monotonic clock.
      if (watch.wasSet()) wheel.wakeAll()
      wheel.turn(clock.monotonicMs())
    },
  }
}
