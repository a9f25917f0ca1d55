import type { ChannelEvent, PendingPublish, User } from 'rusher/client'
import type { ChatBody } from './chat-body.ts'

/** One emoji on a message, and who put it there. */
export interface Reaction {
  readonly emoji: string
  readonly users: readonly User[]
}

/** What is offered for a reaction; the server takes any emoji. */
export const offeredEmoji: readonly { readonly emoji: string; readonly name: string }[] = [
  { emoji: '👍', name: 'Thumbs up' },
  { emoji: '❤️', name: 'Heart' },
  { emoji: '😄', name: 'Laughing' },
  { emoji: '🎉', name: 'Party' },
  { emoji: '👀', name: 'Looking' },
  { emoji: '✅', name: 'Done' },
  { emoji: '🙏', name: 'Thank you' },
  { emoji: '😢', name: 'Sad' },
]

/** Different emoji that one message shows. */
const shownMax = 20

type Sets = Map<number, Map<string, Map<string, User>>>

/**
 * Folds the log, and what waits to be in it, into the reactions of each message by its offset. For
 * each emoji and user the last event counts.
 */
export function foldReactions(
  events: readonly ChannelEvent<ChatBody>[],
  pending: readonly PendingPublish<ChatBody>[],
  me: User,
): ReadonlyMap<number, readonly Reaction[]> {
  const sets: Sets = new Map()
  for (const event of events) if ('body' in event) apply(sets, event.body, event.user)
  for (const { body, state } of pending) if (state !== 'failed') apply(sets, body, me)
  return new Map(Array.from(sets, ([offset, byEmoji]) => [offset, toList(byEmoji)]))
}

function apply(sets: Sets, body: ChatBody, user: User): void {
  if (body.kind !== 'react') return
  const byEmoji = sets.get(body.offset) ?? new Map<string, Map<string, User>>()
  const users = byEmoji.get(body.emoji) ?? new Map<string, User>()
  if (body.on) users.set(user.id, user)
  else users.delete(user.id)
  if (users.size === 0) byEmoji.delete(body.emoji)
  else byEmoji.set(body.emoji, users)
  sets.set(body.offset, byEmoji)
}

function toList(byEmoji: ReadonlyMap<string, ReadonlyMap<string, User>>): readonly Reaction[] {
  return Array.from(byEmoji, ([emoji, users]) => ({ emoji, users: [...users.values()] })).slice(
    0,
    shownMax,
  )
}
