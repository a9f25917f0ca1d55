import './Chat.css'
import { Room } from './room/Room.tsx'
import { SkipLink } from './SkipLink.tsx'
import type { Session } from './session.ts'
import { Sidebar } from './sidebar/Sidebar.tsx'
import { useDrawer } from './use-drawer.ts'
import { useRoomName } from './use-room-name.ts'

interface ChatProps {
  readonly session: Session
  readonly onName: (name: string) => void
}

/** The rooms at the side, and the open one. On a phone the side is a drawer. */
export function Chat({ session, onName }: ChatProps) {
  const room = useRoomName()
  const drawer = useDrawer()
  return (
    <div className="chat">
      <SkipLink to="main textarea">Skip to the messages</SkipLink>
      <Sidebar
        session={session}
        current={room}
        open={drawer.open}
        onClose={drawer.hide}
        onName={onName}
      />
      <Room key={room} name={room} session={session} onMenu={drawer.show} />
    </div>
  )
}
