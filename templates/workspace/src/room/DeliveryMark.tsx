import type { Channel } from 'rusher/client'
import { Icon } from '../Icon.tsx'
import type { ChatBody, Delivery } from './messages.ts'

interface DeliveryMarkProps {
  readonly channel: Channel<ChatBody>
  readonly delivery: Delivery
}

/** How far one's own message has come. */
export function DeliveryMark({ channel, delivery }: DeliveryMarkProps) {
  switch (delivery.state) {
    case 'saved':
      return (
        <span className="delivery saved">
          <Icon name="check" />
          Saved
        </span>
      )
    case 'queued':
    case 'sent':
      return (
        <span className="delivery">
          <Icon name="clock" />
          Sending…
        </span>
      )
    case 'failed': {
      const { publishId, reason } = delivery
      return (
        <span className="delivery failed" role="alert">
          <Icon name="alert" />
          Not saved: {reason}
          <button type="button" className="link" onClick={() => channel.retry(publishId)}>
            Retry
          </button>
          <button type="button" className="link" onClick={() => channel.discard(publishId)}>
            Discard
          </button>
        </span>
      )
    }
  }
}
