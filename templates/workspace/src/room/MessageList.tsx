import './MessageList.css'
import { useEffect, useMemo, useState } from 'react'
import type { Channel } from 'rusher/client'
import { Icon } from '../Icon.tsx'
import { type Me, nameOf } from '../people.ts'
import { HistoryTop } from './HistoryTop.tsx'
import { MessageGroup } from './MessageGroup.tsx'
import type { ChatBody, Message } from './messages.ts'
import { type Row, toRows, type Unseen } from './rows.ts'
import type { Scroll } from './use-scroll.ts'

interface MessageListProps {
  readonly channel: Channel<ChatBody>
  readonly room: string
  readonly me: Me
  readonly messages: readonly Message[]
  readonly unseen: Unseen | undefined
  readonly scroll: Scroll
  /** The key of the message that is being edited. */
  readonly editing: string | undefined
  readonly onEdit: (key: string) => void
  readonly onEditDone: () => void
}

export function MessageList(props: MessageListProps) {
  const { channel, room, me, messages, unseen, scroll } = props
  const rows = useMemo(() => toRows(messages, me.id, unseen), [messages, me, unseen])
  const below = useBelow(messages, me, scroll.atEnd)
  return (
    <section className="messages" aria-label={`Messages in ${room}`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard. */}
      <div className="message-scroll" ref={scroll.list} tabIndex={0}>
        <div className="message-column">
          <HistoryTop channel={channel} room={room} />
          <ol className="rows">
            {rows.map((row) => (
              <li key={row.key} className={`row ${row.kind}`}>
                {showRow(row, props)}
              </li>
            ))}
          </ol>
        </div>
      </div>
      {!scroll.atEnd && (
        <button type="button" className="button jump" onClick={scroll.toEnd}>
          <Icon name="down" />
          {below === 0 ? 'Jump to newest' : `${below} new`}
        </button>
      )}
      <Announcer channel={channel} me={me} />
    </section>
  )
}

function showRow(row: Row, { channel, me, editing, onEdit, onEditDone }: MessageListProps) {
  if (row.kind === 'day') return <time>{dayWords(row.at)}</time>
  if (row.kind === 'new') return <span>New messages</span>
  return (
    <MessageGroup
      channel={channel}
      me={me}
      messages={row.messages}
      editing={editing}
      onEdit={onEdit}
      onEditDone={onEditDone}
    />
  )
}

/** How many messages of others came below since the reader left the end. */
function useBelow(messages: readonly Message[], me: Me, atEnd: boolean): number {
  const [seen, setSeen] = useState(0)
  const newest = messages.findLast(({ offset }) => offset !== undefined)?.offset ?? 0
  useEffect(() => {
    if (atEnd) setSeen(newest)
  }, [atEnd, newest])
  if (atEnd) return 0
  return messages.filter(({ offset = 0, author }) => offset > seen && author.id !== me.id).length
}

/** Reads new messages of others aloud, and nothing else: history and edits are for the eyes. */
function Announcer({ channel, me }: { channel: Channel<ChatBody>; me: Me }) {
  const [words, setWords] = useState('')
  useEffect(
    () =>
      channel.on('event', (event) => {
        if (!('body' in event) || event.body.kind !== 'say' || event.user.id === me.id) return
        setWords(`${nameOf(event.user)}: ${event.body.text}`)
      }),
    [channel, me],
  )
  return (
    <p className="visually-hidden" aria-live="polite">
      {words}
    </p>
  )
}

function dayWords(at: number): string {
  const day = new Date(at)
  const today = new Date()
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1)
  if (day.toDateString() === today.toDateString()) return 'Today'
  if (day.toDateString() === yesterday.toDateString()) return 'Yesterday'
  const year = day.getFullYear() === today.getFullYear() ? undefined : 'numeric'
  return day.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long', year })
}
