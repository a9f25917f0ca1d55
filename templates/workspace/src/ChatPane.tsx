import './room/Room.css'
import './ChatPane.css'
import { useMemo, useRef, useState } from 'react'
import { Composer } from './room/Composer.tsx'
import { MessageList } from './room/MessageList.tsx'
import { foldMessages } from './room/messages.ts'
import { TypingLine } from './room/TypingLine.tsx'
import { useReadMarker } from './room/use-read-marker.ts'
import { useScroll } from './room/use-scroll.ts'
import type { Session } from './session.ts'
import { useChannel } from './use-channel.ts'

interface ChatPaneProps {
  readonly name: string
  readonly title: string
  readonly session: Pick<Session, 'me' | 'chat'>
}

/** What is said about a page. */
export function ChatPane({ name, title, session }: ChatPaneProps) {
  const { me } = session
  const channel = session.chat(name)
  const { events, pending, error } = useChannel(channel)
  const messages = useMemo(
    () => foldMessages(events, pending, me, Date.now()),
    [events, pending, me],
  )
  const scroll = useScroll()
  const unseen = useReadMarker(channel, me, scroll.atEnd)
  const [editing, setEditing] = useState<string>()
  const composer = useRef<HTMLTextAreaElement>(null)

  const editLast = () => {
    const mine = messages.findLast(
      ({ author, deleted, delivery }) =>
        author.id === me.id && !deleted && delivery.state === 'saved',
    )
    setEditing(mine?.key)
  }
  const stopEditing = () => {
    setEditing(undefined)
    composer.current?.focus()
  }

  return (
    <section className="room chat-pane" aria-label={`Chat about ${title}`}>
      <header className="chat-head">
        <h2>Chat</h2>
      </header>
      <MessageList
        channel={channel}
        room={title}
        me={me}
        messages={messages}
        unseen={unseen}
        scroll={scroll}
        editing={editing}
        onEdit={setEditing}
        onEditDone={stopEditing}
      />
      {error !== undefined && <p className="room-problem">This chat is closed: {error.message}</p>}
      <TypingLine channel={channel} me={me} />
      <Composer
        channel={channel}
        room={title}
        input={composer}
        onSay={scroll.toEnd}
        onEditLast={editLast}
      />
    </section>
  )
}
