import type { Channel } from 'rusher/client'
import { Avatar } from '../Avatar.tsx'
import { colourClass, type Me, nameOf } from '../people.ts'
import { MessageItem } from './MessageItem.tsx'
import type { ChatBody, Message } from './messages.ts'

interface MessageGroupProps {
  readonly channel: Channel<ChatBody>
  readonly me: Me
  readonly messages: readonly Message[]
  readonly editing: string | undefined
  readonly onEdit: (key: string) => void
  readonly onEditDone: () => void
}

/** What one author said in a row. */
export function MessageGroup({ messages, me, ...rest }: MessageGroupProps) {
  const [first] = messages
  if (first === undefined) return null
  const { author, at } = first
  const own = author.id === me.id
  return (
    <div className={own ? 'group-box own' : 'group-box'}>
      <Avatar user={author} />
      <p className="group-head">
        {own ? (
          <span className="visually-hidden">You</span>
        ) : (
          <bdi className={`group-name ${colourClass(author)}`}>{nameOf(author)}</bdi>
        )}
        <time dateTime={new Date(at).toISOString()}>{clockTime(at)}</time>
      </p>
      <ul className="group-messages">
        {messages.map((message) => (
          <MessageItem key={message.key} message={message} own={own} {...rest} />
        ))}
      </ul>
    </div>
  )
}

function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
}
