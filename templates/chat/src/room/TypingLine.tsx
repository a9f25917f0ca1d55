import type { Channel, User } from 'rusher/client'
import { type Me, nameOf } from '../people.ts'
import type { ChatBody } from './chat-body.ts'
import { useTyping } from './use-typing.ts'

/** Its room is always there, so that the page does not move when someone types. */
export function TypingLine({ channel, me }: { channel: Channel<ChatBody>; me: Me }) {
  const users = useTyping(channel, me.id)
  return (
    <p className="typing" aria-live="off">
      {users.length > 0 && (
        <>
          <span className="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span>{wordsOf(users)}</span>
        </>
      )}
    </p>
  )
}

function wordsOf(users: readonly User[]): string {
  const [first, second] = users.map(nameOf)
  if (users.length > 2) return `${users.length} people are typing`
  return second === undefined ? `${first} is typing` : `${first} and ${second} are typing`
}
