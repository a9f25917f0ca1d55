import './MessageList.css'
import { type KeyboardEvent, useEffect, useMemo, useState } from 'react'
import { Icon } from '../Icon.tsx'
import { nameOf } from '../people.ts'
import { useConversation } from './conversation.ts'
import { HistoryTop } from './HistoryTop.tsx'
import { MessageItem } from './MessageItem.tsx'
import { plainText } from './markdown.ts'
import type { Message } from './messages.ts'
import { type Row, toRows, type Unseen } from './rows.ts'
import { dayWords } from './times.ts'
import type { Scroll } from './use-scroll.ts'

interface MessageListProps {
  readonly room: string
  readonly messages: readonly Message[]
  readonly unseen: Unseen | undefined
  readonly scroll: Scroll
}

export function MessageList({ room, messages, unseen, scroll }: MessageListProps) {
  const { me } = useConversation()
  const rows = useMemo(() => toRows(messages, me.id, unseen), [messages, me, unseen])
  const below = useBelow(messages, scroll.atEnd)
  const [focused, setFocused] = useState<string>()
  // One message is a tab stop: the one that had the focus last, else the newest.
  const tabStop = messages.some(({ key }) => key === focused) ? focused : messages.at(-1)?.key
  return (
    <section className="messages" aria-label={`Messages in ${room}`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard. */}
      <div className="message-scroll" ref={scroll.list} tabIndex={0}>
        <div className="message-column">
          <HistoryTop room={room} />
          <ol
            className="rows"
            onFocus={({ target }) => setFocused(messageAround(target)?.dataset['key'])}
            onKeyDown={moveFocus}
          >
            {rows.map((row) => (
              <li key={row.key} className={`row ${row.kind}`}>
                <RowView row={row} tabStop={tabStop} />
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
      <Announcer />
    </section>
  )
}

function RowView({ row, tabStop }: { row: Row; tabStop: string | undefined }) {
  if (row.kind === 'day') return <time>{dayWords(row.at)}</time>
  if (row.kind === 'new') return <span>New messages</span>
  return (
    <ul className="group-messages">
      {row.messages.map((message, index) => (
        <MessageItem
          key={message.key}
          message={message}
          first={index === 0}
          tabStop={message.key === tabStop}
        />
      ))}
    </ul>
  )
}

function messageAround(target: EventTarget): HTMLElement | undefined {
  return (target instanceof Element && target.closest<HTMLElement>('.message')) || undefined
}

/** Arrow up and down on a message go to the one above and below it. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
  const message = messageAround(event.target)
  if (step === undefined || message !== event.target) return
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('.message')]
  all[all.indexOf(message) + step]?.focus()
  event.preventDefault()
}

/** How many messages of others came below since the reader left the end. */
function useBelow(messages: readonly Message[], atEnd: boolean): number {
  const { me } = useConversation()
  const [seen, setSeen] = useState(0)
  const newest = messages.findLast(({ offset }) => offset !== undefined)?.offset ?? 0
  useEffect(() => {
    if (atEnd) setSeen(newest)
  }, [atEnd, newest])
  if (atEnd) return 0
  return messages.filter(({ offset = 0, author }) => offset > seen && author.id !== me.id).length
}

/** Reads new messages of others aloud, and nothing else: history and edits are for the eyes. */
function Announcer() {
  const { channel, me } = useConversation()
  const [words, setWords] = useState('')
  useEffect(
    () =>
      channel.on('event', (event) => {
        if (!('body' in event) || event.body.kind !== 'say' || event.user.id === me.id) return
        setWords(`${nameOf(event.user)}: ${plainText(event.body.text)}`)
      }),
    [channel, me],
  )
  return (
    <p className="visually-hidden" aria-live="polite">
      {words}
    </p>
  )
}
