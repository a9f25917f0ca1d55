import { useState } from 'react'
import { Avatar } from '../Avatar.tsx'
import { colourClass, nameOf } from '../people.ts'
import { useConversation } from './conversation.ts'
import { DeleteQuestion } from './DeleteQuestion.tsx'
import { DeliveryMark } from './DeliveryMark.tsx'
import { EditForm } from './EditForm.tsx'
import { MessageActions } from './MessageActions.tsx'
import { MessageText } from './MessageText.tsx'
import type { Message } from './messages.ts'
import { Reactions } from './Reactions.tsx'
import { ReplyQuote } from './ReplyQuote.tsx'
import { clockTime, fullTime } from './times.ts'

interface MessageItemProps {
  readonly message: Message
  /** The first of what one author said in a row carries their name. */
  readonly first: boolean
  /** The one message in the list that Tab stops at. */
  readonly tabStop: boolean
}

export function MessageItem({ message, first, tabStop }: MessageItemProps) {
  const { me, editing, edit, marked } = useConversation()
  const [deleting, setDeleting] = useState(false)
  const { key, author, text, edited, deleted, replyTo, delivery } = message
  const own = author.id === me.id
  const saved = !deleted && delivery.state === 'saved'
  const classes = ['message', first && 'first', marked === key && 'marked'].filter(Boolean)
  return (
    <li
      className={classes.join(' ')}
      data-key={key}
      // From here the keys reach its actions and its neighbours.
      tabIndex={tabStop ? 0 : -1}
    >
      {first ? <Avatar user={author} /> : <Time at={message.at} />}
      <div className="message-main">
        {first && <Head message={message} own={own} />}
        {replyTo !== undefined && <ReplyQuote offset={replyTo} />}
        {own && saved && editing === key ? (
          <EditForm message={message} onDone={() => edit(undefined)} />
        ) : (
          <div className={deleted ? 'bubble deleted' : 'bubble'}>
            {deleted ? 'This message was deleted.' : <MessageText text={text} />}
            {edited && <span className="edited"> (edited)</span>}
          </div>
        )}
        {own && saved && deleting && (
          <DeleteQuestion
            message={message}
            onDone={() => {
              setDeleting(false)
              edit(undefined)
            }}
          />
        )}
        <Reactions message={message} />
        {own && !deleted && <DeliveryMark delivery={delivery} />}
      </div>
      {saved && editing !== key && (
        <MessageActions
          message={message}
          own={own}
          tabStop={tabStop}
          onDelete={() => setDeleting(true)}
        />
      )}
    </li>
  )
}

function Head({ message: { author, at }, own }: { message: Message; own: boolean }) {
  return (
    <p className="group-head">
      <bdi className={`group-name ${colourClass(author)}`}>{nameOf(author)}</bdi>
      {own && <span className="own-mark">you</span>}
      <Time at={at} />
    </p>
  )
}

function Time({ at }: { at: number }) {
  return (
    <time className="message-time" dateTime={new Date(at).toISOString()} title={fullTime(at)}>
      {clockTime(at)}
    </time>
  )
}
