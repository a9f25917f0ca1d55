import { createContext, useContext } from 'react'
import type { Channel, Durability, User } from 'rusher/client'
import type { Me } from '../people.ts'
import type { ChatBody } from './chat-body.ts'
import type { Message } from './messages.ts'

/** What everything inside one conversation knows. */
export interface Conversation {
  readonly channel: Channel<ChatBody>
  readonly me: Me
  /** Everyone who is online or wrote here, by id. */
  readonly people: ReadonlyMap<string, User>
  /** The server cannot be reached: what is written waits. */
  readonly away: boolean
  /** What a saved message has survived. */
  readonly durability: Durability | undefined
  /** The message at an offset, where it is loaded. */
  readonly find: (offset: number) => Message | undefined
  /** The key of the message that is being edited. */
  readonly editing: string | undefined
  readonly edit: (key: string | undefined) => void
  readonly reply: (message: Message) => void
  /** Shows the message at an offset, and loads the history up to it when needed. */
  readonly jump: (offset: number) => void
  /** The key of the message that was jumped to just now. */
  readonly marked: string | undefined
}

export const ConversationContext = createContext<Conversation | undefined>(undefined)

export function useConversation(): Conversation {
  const conversation = useContext(ConversationContext)
  if (conversation === undefined) throw new Error('this belongs inside a conversation')
  return conversation
}
