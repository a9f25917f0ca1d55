import { Icon } from '../Icon.tsx'
import type { Session } from '../session.ts'
import { useChannel } from '../use-channel.ts'
import { ChatRoom } from './ChatRoom.tsx'
import { StatusPill } from './StatusPill.tsx'

interface RoomProps {
  readonly name: string
  readonly session: Session
  readonly onMenu: () => void
}

export function Room({ name, session, onMenu }: RoomProps) {
  const { me, client, rooms, room } = session
  const { presence } = useChannel(rooms)
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
      <ChatRoom
        client={client}
        channel={room(name)}
        name={name}
        me={me}
        online={presence}
        autoFocus={true}
      />
    </main>
  )
}
