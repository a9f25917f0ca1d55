import { body } from '../../dialects/yjs/frames.ts'
import { decodeAwareness } from './awareness.ts'
import { type SignedState, signState } from './awareness-state.ts'
import type { DocumentSubscription } from './document-connection.ts'
import type { SubscriptionActions } from './subscription-context.ts'

/** Why a presence state is rejected. */
export type PresenceFault = 'PRESENCE_TOO_LARGE' | 'PRESENCE_FULL' | 'BAD_PRESENCE'

/** Presence states from clients of this edge: rate-limited, validated and forwarded to the core. */
export interface ClientAwareness {
  /** Handles an awareness frame of a client. */
  receive(place: DocumentSubscription, bytes: Uint8Array): void
  /** Sends the latest state that the rate limit held back. */
  sayHeld(place: DocumentSubscription): void
  /** Refuses a state because the presence of the document is at its limit. */
  refuseFull(place: DocumentSubscription): void
}

/** Minimum time between log lines, in milliseconds. Every refusal is counted. */
const logEveryMs = 10_000

export function createClientAwareness(acts: SubscriptionActions): ClientAwareness {
  const { options, hub } = acts
  const { limits, clock } = options
  let loggedMs = Number.NEGATIVE_INFINITY

  /**
   * Whether the state is the client's own. Stock clients echo others and expire silent ones, which
   * is ignored.
   */
  function isOwn(place: DocumentSubscription, client: number): boolean {
    if (place.client === undefined && !(place.shown && hub.knows(place.document, client))) {
      place.client = client
      if (!place.shown) hub.showPresence(place)
    }
    return place.client === client
  }

  /** Forwards a removal at once, other states as the rate limit allows; the latest state wins. */
  function say(place: DocumentSubscription, said: NonNullable<DocumentSubscription['held']>): void {
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

  /**
   * Takes one state from the message and byte buckets; returns when the slower one is full again.
   */
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

  /** A stock y-websocket client logs the reason to the console and continues. */
  function refuse(place: DocumentSubscription, code: PresenceFault, message: string): void {
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
