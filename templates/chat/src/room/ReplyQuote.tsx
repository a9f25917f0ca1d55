import { Icon } from '../Icon.tsx'
import { colourClass, nameOf } from '../people.ts'
import { useChannel } from '../use-channel.ts'
import { useConversation } from './conversation.ts'
import type { Message } from './messages.ts'
import { PlainText } from './PlainText.tsx'

/** Above a reply: the author and a line of what it answers. It leads there. */
export function ReplyQuote({ offset }: { offset: number }) {
  const { channel, find, jump } = useConversation()
  const { events, begin = 1, hasOlder } = useChannel(channel)
  const original = find(offset)
  const oldest = events[0]?.offset ?? 0
  const isGone = original === undefined && (offset < begin || !hasOlder || oldest <= offset)
  if (isGone) {
    return (
      <p className="reply-quote gone">
        <Icon name="reply" />
        <span className="reply-line">The original message is no longer kept.</span>
      </p>
    )
  }
  return (
    <button
      type="button"
      className="reply-quote"
      title="Show the original"
      onClick={() => jump(offset)}
    >
      <Icon name="reply" />
      <span className="visually-hidden">In reply to: </span>
      <span className="reply-line">
        {original === undefined ? 'Earlier message' : shortOf(original)}
      </span>
    </button>
  )
}

function shortOf({ author, text, deleted }: Message) {
  return (
    <>
      <bdi className={`reply-author ${colourClass(author)}`}>{nameOf(author)}</bdi>{' '}
      {deleted ? <i>This message was deleted.</i> : <PlainText text={text} />}
    </>
  )
}
