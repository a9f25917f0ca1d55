import './Reactions.css'
import { useEffect } from 'react'
import type { Channel } from 'rusher/client'
import { nameOf } from '../people.ts'
import { useChannel } from '../use-channel.ts'
import type { ChatBody } from './chat-body.ts'
import { type Conversation, useConversation } from './conversation.ts'
import type { Message } from './messages.ts'
import type { Reaction } from './reactions.ts'

/** Names of those who reacted that a title has room for. */
const namesMax = 10

/** What people put on a message, with counts. A click adds one's own or takes it back. */
export function Reactions({ message }: { message: Message }) {
  const conversation = useConversation()
  const { me } = conversation
  if (message.reactions.length === 0) return null
  return (
    <ul className="reactions" aria-label="Reactions">
      {message.reactions.map((reaction) => {
        const mine = reaction.users.some(({ id }) => id === me.id)
        const who = whoReacted(reaction, conversation)
        return (
          <li key={reaction.emoji}>
            <button
              type="button"
              className="reaction"
              aria-pressed={mine}
              aria-label={`${reaction.emoji} ${reaction.users.length}, by ${who}`}
              title={who}
              onClick={() => react(conversation, message, reaction.emoji)}
            >
              <span className="chip">
                <span className="emoji">{reaction.emoji}</span>
                {reaction.users.length}
              </span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

/** Adds one's own reaction to a saved message, or takes it back. */
export function react({ channel, me }: Conversation, message: Message, emoji: string): void {
  const { offset } = message
  if (offset === undefined) return
  const users = message.reactions.find((reaction) => reaction.emoji === emoji)?.users ?? []
  const on = !users.some((user) => user.id === me.id)
  void channel.publish({ kind: 'react', offset, emoji, on })
}

/** Discards refused reactions: the list has no place for a Retry or Discard button. */
export function useDiscardRefused(channel: Channel<ChatBody>): void {
  const { pending } = useChannel(channel)
  useEffect(() => {
    for (const { id, body, state } of pending) {
      if (state === 'failed' && body.kind === 'react') channel.discard(id)
    }
  }, [channel, pending])
}

function whoReacted({ users }: Reaction, { me, people }: Conversation): string {
  const names = users.map((user) =>
    user.id === me.id ? 'you' : nameOf(people.get(user.id) ?? user),
  )
  const more = names.length - namesMax
  const shown = names.slice(0, namesMax)
  return new Intl.ListFormat(undefined, { type: 'conjunction' }).format(
    more > 0 ? [...shown, `${more} more`] : shown,
  )
}
