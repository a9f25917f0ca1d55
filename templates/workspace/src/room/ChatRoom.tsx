import './Room.css'
import { useMemo, useRef, useState } from 'react'
import type { Channel, Client, PresenceState } from 'rusher/client'
import type { Me } from '../people.ts'
import { isAway, useChannel, useClient } from '../use-channel.ts'
import { AwayLine } from './AwayLine.tsx'
import { Composer } from './Composer.tsx'
import type { ChatBody } from './chat-body.ts'
import { type Conversation, ConversationContext } from './conversation.ts'
import { MessageList } from './MessageList.tsx'
import { mentionable } from './mentions.ts'
import { foldMessages, type Message } from './messages.ts'
import { useDiscardRefused } from './Reactions.tsx'
import { Refused } from './Refused.tsx'
import { TypingLine } from './TypingLine.tsx'
import { useJump } from './use-jump.ts'
import { useReadMarker } from './use-read-marker.ts'
import { useScroll } from './use-scroll.ts'

interface ChatRoomProps {
  readonly client: Client
  readonly channel: Channel<ChatBody>
  readonly name: string
  readonly me: Me
  /** Who is online, to be mentioned. */
  readonly online: PresenceState | undefined
  /** Whether one can write at once. */
  readonly autoFocus: boolean
}

/** A conversation: its messages, who types, and where one writes. */
export function ChatRoom({ client, channel, name, me, online, autoFocus }: ChatRoomProps) {
  const { events, pending, state, error } = useChannel(channel)
  const connection = useClient(client)
  const messages = useMemo(
    () => foldMessages(events, pending, me, Date.now()),
    [events, pending, me],
  )
  useDiscardRefused(channel)
  const scroll = useScroll()
  const unseen = useReadMarker(channel, me, scroll.atEnd)
  const [editing, setEditing] = useState<string>()
  const [replyTo, setReplyTo] = useState<Message>()
  const input = useRef<HTMLTextAreaElement>(null)
  const { jump, marked } = useJump(channel, messages, scroll)
  const people = useMemo(() => {
    const authors = messages.map(({ author }) => author)
    return mentionable(online?.users ?? [], authors, me.id)
  }, [messages, online, me])
  const away = isAway(connection)

  const conversation = useMemo((): Conversation => {
    const byOffset = new Map(messages.map((message) => [message.offset, message]))
    return {
      channel,
      me,
      people: new Map([...people, me].map((user) => [user.id, user])),
      away,
      durability: connection.durability,
      find: (offset) => byOffset.get(offset),
      editing,
      edit: (key) => {
        setEditing(key)
        if (key === undefined) input.current?.focus()
      },
      reply: (message) => {
        setReplyTo(message)
        input.current?.focus()
      },
      jump,
      marked,
    }
  }, [channel, me, messages, people, away, connection.durability, editing, jump, marked])

  const editLast = () => {
    const mine = messages.findLast(
      ({ author, deleted, delivery }) =>
        author.id === me.id && !deleted && delivery.state === 'saved',
    )
    setEditing(mine?.key)
  }
  const refused = state === 'refused'

  return (
    <ConversationContext value={conversation}>
      {refused && messages.length === 0 ? (
        <Refused error={error} />
      ) : (
        <MessageList room={name} messages={messages} unseen={unseen} scroll={scroll} />
      )}
      {refused && messages.length > 0 && <Refused error={error} compact />}
      <AwayLine client={client} />
      <TypingLine channel={channel} me={me} />
      <Composer
        room={name}
        input={input}
        people={people}
        autoFocus={autoFocus}
        disabled={refused || connection.state === 'closed'}
        replyTo={replyTo}
        onReplyEnd={() => setReplyTo(undefined)}
        onSay={scroll.toEnd}
        onEditLast={editLast}
      />
    </ConversationContext>
  )
}
