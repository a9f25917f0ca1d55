import type { Counters } from '../control/messages.ts'
import { countText } from './figures.ts'

/**
 * What became of the messages of a run: `4,007 sent, 1,230 acknowledged, 2,777 unanswered, 12,300
 * delivered`. What a server of that kind does not tell is left out, and so is what went wrong where
 * nothing did. Empty when no message was due.
 */
export function messagesText(messages: Counters): string {
  const { sent, acknowledged, refused, unanswered, delivered, undelivered, unsent } = messages
  if (sent + unsent === 0) return ''
  const parts: readonly (readonly [count: number, what: string, isShown: boolean])[] = [
    [sent, 'sent', true],
    [acknowledged, 'acknowledged', acknowledged + unanswered + refused > 0],
    [refused, 'refused', refused > 0],
    [unanswered, 'unanswered', unanswered > 0],
    [delivered, 'delivered', delivered + undelivered > 0],
    [undelivered, 'not delivered', undelivered > 0],
    [unsent, 'not sent, as no session was ready', unsent > 0],
  ]
  return parts
    .filter(([, , isShown]) => isShown)
    .map(([count, what]) => `${countText(count)} ${what}`)
    .join(', ')
}
