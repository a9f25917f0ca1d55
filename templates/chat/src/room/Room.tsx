import './Room.css'
import { useMemo, useRef, useState } from 'react'
import { Icon } from '../Icon.tsx'
import type { Session } from '../session.ts'
import { useChannel } from '../use-channel.ts'
import { Composer } from './Composer.tsx'
import { MessageList } from './MessageList.tsx'
import { foldMessages } from './messages.ts'
import { StatusPill } from './StatusPill.tsx'
import { TypingLine } from './TypingLine.tsx'
import { useReadMarker } from './use-read-marker.ts'
import { useScroll } from './use-scroll.ts'

interface RoomProps {
  readonly name: string
  readonly session: Session
  readonly onMenu: () => void
}

export function Room({ name, session, onMenu }: RoomProps) {
  const { me, client } = session
  const channel = session.room(name)
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
    <main className="room">
      <header className="room-head">
        <button
          type="button"
          className="button icon-only drawer-only"
          aria-label="Rooms and people"
          aria-controls="sidebar"
          onClick={onMenu}
        >
          <Icon name="bars" />
        </button>
        <h1>
          <span className="hash" aria-hidden="true">
            #
          </span>
          {name}
        </h1>
        <StatusPill client={client} />
      </header>
      <MessageList
        channel={channel}
        room={name}
        me={me}
        messages={messages}
        unseen={unseen}
        scroll={scroll}
        editing={editing}
        onEdit={setEditing}
        onEditDone={stopEditing}
      />
      {error !== undefined && <p className="room-problem">This room is closed: {error.message}</p>}
      <TypingLine channel={channel} me={me} />
      <Composer
        channel={channel}
        room={name}
        input={composer}
        onSay={scroll.toEnd}
        onEditLast={editLast}
        focusOnMount={true}
      />
    </main>
  )
}
