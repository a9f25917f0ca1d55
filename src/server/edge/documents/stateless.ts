import { body } from '../../dialects/yjs/frames.ts'
import { take } from '../connection/rate-limit.ts'
import type { DocumentSubscription } from './document-connection.ts'
import type { SubscriptionActions } from './subscription-context.ts'

/**
 * Handles a stateless message of a client: passes it to the `onStateless` hook if its sender may
 * write and is within the limits. Otherwise the sender gets a refusal as a stateless message.
 */
export function takeStateless(
  { options, say, tell }: SubscriptionActions,
  place: DocumentSubscription,
  text: string,
): void {
  const { limits, metrics, clock } = options
  const { socket, document, member } = place

  function refuse(code: string, message: string): void {
    metrics.refused(code)
    const notice = { kind: 'refused', about: 'message', code, message }
    say(place, body.hocuspocus.stateless(JSON.stringify(notice)))
  }

  const { statelessPerSecond: perSecond, statelessBurst: burst, statelessBytesMax } = limits
  const taken = take(socket.statelessFullMs, clock.monotonicMs(), { perSecond, burst })
  if ('waitMs' in taken) {
    return refuse(
      'RATE_LIMITED',
      `Only ${perSecond} messages a second are accepted. This one was dropped.`,
    )
  }
  socket.statelessFullMs = taken.fullAtMs
  if (!place.mayWrite) {
    return refuse('READ_ONLY', 'Read-only users cannot send messages about this document.')
  }
  const bytes = Buffer.byteLength(text)
  if (bytes > statelessBytesMax) {
    const message = `The message has ${bytes} bytes; the limit is ${statelessBytesMax}.`
    return refuse('STATELESS_TOO_LARGE', message)
  }
  tell({ kind: 'stateless', document, member, text })
}
