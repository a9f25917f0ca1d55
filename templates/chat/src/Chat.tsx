import './Chat.css'
import { useState } from 'react'
import { Room } from './room/Room.tsx'
import type { Session } from './session.ts'
import { Sidebar } from './sidebar/Sidebar.tsx'
import { useRoomName } from './use-room-name.ts'

interface ChatProps {
  readonly session: Session
  readonly onName: (name: string) => void
}

/** The rooms at the side, and the open one. On a phone the side is a drawer. */
export function Chat({ session, onName }: ChatProps) {
  const room = useRoomName()
  const [drawerOpen, setDrawerOpen] = useState(false)
  return (
    <div className="chat">
      <Sidebar
        session={session}
        current={room}
        open={drawerOpen}
        onClose={() => setDrawerOpen(false)}
        onName={onName}
      />
      <Room key={room} name={room} session={session} onMenu={() => setDrawerOpen(true)} />
    </div>
  )
}
