import { decodeAwareness } from './awareness.ts'
import { type SignedState, signState } from './awareness-state.ts'
import type { Place } from './document-socket.ts'
import { body } from './frames.ts'
import type { PlaceActs } from './place-acts.ts'

/** Why what a client says of itself is not told to others. */
export type PresenceFault = 'PRESENCE_TOO_LARGE' | 'PRESENCE_FULL' | 'BAD_PRESENCE'

/** What the clients of this edge say of themselves: bounded, checked, and told to the core. */
export interface OwnPresence {
  /** An awareness frame of a client. */
  receive(place: Place, bytes: Uint8Array): void
  /** Says what a client said of itself faster than it may. */
  sayHeld(place: Place): void
  /** The states of the document are as large as they may be. */
  refuseFull(place: Place): void
}

/** How often this is logged at most, in milliseconds. It is counted each time. */
const logEveryMs = 10_000

export function createOwnPresence(acts: PlaceActs): OwnPresence {
  const { options, hub } = acts
  const { limits, clock } = options
  let loggedMs = Number.NEGATIVE_INFINITY

  /** Stock clients repeat what they hear of others, and declare silent ones dead. That is nothing to say anything about. */
  function isOwn(place: Place, client: number): boolean {
    if (place.client === undefined && !(place.shown && hub.knows(place.document, client))) {
      place.client = client
      if (!place.shown) hub.showPresence(place)
    }
    return place.client === client
  }

  /** Leaving is told at once; anything else as often as is allowed, and then the latest. */
  function say(place: Place, said: NonNullable<Place['held']>): void {
    const { identity, document, member } = place
    if (identity === undefined) return
    const fullMs = fullAgainMs(place.awarenessFullMs, clock.monotonicMs(), said.state.length)
    if (fullMs === undefined && said.state !== 'null') {
      place.held = said
      return acts.rearm(place.socket)
    }
    if (fullMs !== undefined) place.awarenessFullMs = fullMs
    place.held = undefined
    const signed = signState(said.state, {
      identity,
      mayWrite: place.mayWrite,
      bytesMax: limits.awarenessBytesMax,
      depthMax: limits.jsonDepthMax,
    })
    const { client } = said
    const message = { kind: 'presence', document, member, client, clock: said.clock } as const
    if ('state' in signed) return acts.tell({ ...message, ...signed })
    acts.tell(message)
    refuse(place, ...faultOf(signed, said.state))
  }

  /** A bucket that a state empties by its number or by its bytes, whichever takes longer to come back. */
  function fullAgainMs(fullMs: number, nowMs: number, chars: number): number | undefined {
    const { awarenessPerSecond, awarenessBytesPerSecond, awarenessBytesMax } = limits
    const bytes = Math.min(chars, awarenessBytesMax)
    const costMs = Math.max(1_000 / awarenessPerSecond, (1_000 * bytes) / awarenessBytesPerSecond)
    const next = Math.max(fullMs, nowMs) + costMs
    return next - nowMs > Math.max(1_000, costMs) ? undefined : next
  }

  function faultOf(
    { fault }: Extract<SignedState, { fault: unknown }>,
    state: string,
  ): [PresenceFault, string] {
    switch (fault) {
      case 'too large':
        return [
          'PRESENCE_TOO_LARGE',
          `Your presence state has ${Buffer.byteLength(state)} bytes; the limit is ${limits.awarenessBytesMax}. Others still see your previous state. Use a smaller picture or fewer fields.`,
        ]
      case 'too deep':
        return [
          'BAD_PRESENCE',
          `Your presence state is nested deeper than ${limits.jsonDepthMax} levels. Others do not see it.`,
        ]
      case 'not an object':
        return ['BAD_PRESENCE', 'Your presence state is not a JSON object. Others do not see it.']
      default:
        return fault satisfies never
    }
  }

  /** A stock y-websocket client shows the reason on its page's console, and goes on. */
  function refuse(place: Place, code: PresenceFault, message: string): void {
    const { address, document } = place
    options.metrics.refused(code)
    const nowMs = clock.monotonicMs()
    if (nowMs - loggedMs >= logEveryMs) {
      loggedMs = nowMs
      const user = place.identity?.user.id
      options.log.warn({ document, user, code }, `presence state rejected: ${message}`)
    }
    if (address === undefined) return acts.say(place, body.denied(`${code}: ${message}`))
    const notice = { kind: 'refused', about: 'presence', code, message }
    acts.say(place, body.hocuspocus.stateless(JSON.stringify(notice)))
  }

  return {
    receive(place, bytes) {
      const entries = decodeAwareness(bytes)
      if (entries === undefined) return acts.close(place.socket, 'BAD_FRAME')
      for (const entry of entries) if (isOwn(place, entry.client)) say(place, entry)
    },
    sayHeld(place) {
      const { held } = place
      if (held === undefined || place.state !== 'open') return
      place.held = undefined
      say(place, held)
    },
    refuseFull: (place) =>
      refuse(
        place,
        'PRESENCE_FULL',
        `All presence states of this document together are limited to ${limits.documentAwarenessBytesMax} bytes. Others still see your previous state.`,
      ),
  }
}
