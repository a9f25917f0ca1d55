import { Icon } from '../Icon.tsx'
import { useConversation } from './conversation.ts'
import type { Delivery } from './messages.ts'

/** How far one's own message has come. */
export function DeliveryMark({ delivery }: { delivery: Delivery }) {
  const { channel, away, durability } = useConversation()
  switch (delivery.state) {
    case 'saved':
      return (
        <span className="delivery saved">
          <Icon name="check" />
          {durability === 'memory' ? 'Received' : 'Saved'}
        </span>
      )
    case 'queued':
    case 'sent':
      return (
        <span className="delivery">
          <Icon name="clock" />
          {away ? 'Waiting' : 'Sending…'}
        </span>
      )
    case 'failed': {
      const { publishId, reason } = delivery
      return (
        <span className="delivery failed" role="alert">
          <Icon name="alert" />
          Not saved: {reason}
          <span className="delivery-actions">
            <button type="button" className="link" onClick={() => channel.retry(publishId)}>
              Retry
            </button>
            <button type="button" className="link" onClick={() => channel.discard(publishId)}>
              Discard
            </button>
          </span>
        </span>
      )
    }
  }
}
