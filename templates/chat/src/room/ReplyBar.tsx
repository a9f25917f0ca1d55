import { Icon } from '../Icon.tsx'
import { nameOf } from '../people.ts'
import type { Message } from './messages.ts'
import { PlainText } from './PlainText.tsx'

interface ReplyBarProps {
  readonly message: Message
  readonly onCancel: () => void
}

/** Above the composer: the message that the next one answers. */
export function ReplyBar({ message, onCancel }: ReplyBarProps) {
  return (
    <div className="reply-bar">
      <Icon name="reply" />
      <p>
        Replying to <bdi>{nameOf(message.author)}</bdi>
        <span className="reply-line">
          {' '}
          <PlainText text={message.text} />
        </span>
      </p>
      <button
        type="button"
        className="button icon-only"
        aria-label="Cancel the reply"
        title="Cancel (Esc)"
        onClick={onCancel}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}
