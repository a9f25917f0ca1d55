import type { Channel } from 'rusher/client'
import type { Me } from '../people.ts'
import type { ChatBody } from '../room/chat-body.ts'
import { unreadMax, useUnread } from './use-unread.ts'

interface RoomLinkProps {
  readonly name: string
  readonly channel: Channel<ChatBody>
  readonly me: Me
  readonly current: boolean
  readonly onOpen: () => void
}

export function RoomLink({ name, channel, me, current, onOpen }: RoomLinkProps) {
  const count = useUnread(channel, me)
  // What is new in the open room is in view, or on the button that goes there.
  const unread = current ? 0 : count
  const shown = unread > unreadMax ? `${unreadMax}+` : String(unread)
  return (
    <li>
      <a
        className={unread > 0 ? 'room-link unread' : 'room-link'}
        href={`#${name}`}
        aria-current={current ? 'page' : undefined}
        onClick={onOpen}
      >
        <span className="hash" aria-hidden="true">
          #
        </span>
        <span className="room-name">{name}</span>
        {unread > 0 && (
          <span className="badge">
            {shown}
            <span className="visually-hidden"> unread</span>
          </span>
        )}
      </a>
    </li>
  )
}
