import './Sidebar.css'
import { Icon, Logo } from '../Icon.tsx'
import { listRooms } from '../rooms.ts'
import type { Session } from '../session.ts'
import { useChannel } from '../use-channel.ts'
import { CurrentUser } from './CurrentUser.tsx'
import { ListProblem } from './ListProblem.tsx'
import { NewRoom } from './NewRoom.tsx'
import { People } from './People.tsx'
import { RoomLink } from './RoomLink.tsx'

interface SidebarProps {
  readonly session: Session
  readonly current: string
  /** On a phone: whether the drawer is open. */
  readonly open: boolean
  readonly onClose: () => void
  readonly onName: (name: string) => void
}

export function Sidebar({ session, current, open, onClose, onName }: SidebarProps) {
  const { latest } = useChannel(session.rooms)
  const names = listRooms(latest)
  return (
    <>
      {open && <div className="scrim" onClick={onClose} aria-hidden="true" />}
      <aside
        id="sidebar"
        className={open ? 'sidebar open' : 'sidebar'}
        aria-label="Rooms and people"
      >
        <header className="sidebar-head">
          <Logo />
          <strong>Chat</strong>
          <button
            type="button"
            className="button icon-only drawer-only"
            aria-label="Close"
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </header>
        <ListProblem channel={session.rooms} />
        <nav aria-label="Rooms">
          <h2>Rooms</h2>
          <ul className="rooms">
            {(names.includes(current) ? names : [...names, current]).map((name) => (
              <RoomLink
                key={name}
                name={name}
                channel={session.room(name)}
                me={session.me}
                current={name === current}
                onOpen={onClose}
              />
            ))}
          </ul>
          <NewRoom rooms={session.rooms} onOpen={onClose} />
        </nav>
        <People client={session.client} channel={session.rooms} me={session.me} />
        <CurrentUser me={session.me} onName={onName} />
      </aside>
    </>
  )
}
