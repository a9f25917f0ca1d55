import { useState } from 'react'
import type { Channel } from 'rusher/client'
import { Icon } from '../Icon.tsx'
import { DeliveryMark } from './DeliveryMark.tsx'
import { EditForm } from './EditForm.tsx'
import { MessageText } from './MessageText.tsx'
import type { ChatBody, Message } from './messages.ts'

interface MessageItemProps {
  readonly channel: Channel<ChatBody>
  readonly message: Message
  readonly own: boolean
  readonly editing: string | undefined
  readonly onEdit: (key: string) => void
  readonly onEditDone: () => void
}

export function MessageItem(props: MessageItemProps) {
  const { channel, message, own, editing, onEdit, onEditDone } = props
  const { key, at, text, edited, deleted, delivery } = message
  const [deleting, setDeleting] = useState(false)
  const changeable = own && !deleted && delivery.state === 'saved'

  if (changeable && editing === key) {
    return (
      <li className="message" data-key={key}>
        <EditForm channel={channel} message={message} onDone={onEditDone} />
      </li>
    )
  }
  return (
    <li className="message" data-key={key}>
      <div className="line">
        <div
          className={deleted ? 'bubble deleted' : 'bubble'}
          title={new Date(at).toLocaleString()}
        >
          {deleted ? 'This message was deleted.' : <MessageText text={text} />}
          {edited && <span className="edited"> (edited)</span>}
        </div>
        {changeable && (
          <div className="actions">
            <button
              type="button"
              className="button icon-only"
              aria-label="Edit this message"
              onClick={() => onEdit(key)}
            >
              <Icon name="pencil" />
            </button>
            <button
              type="button"
              className="button icon-only"
              aria-label="Delete this message"
              onClick={() => setDeleting(true)}
            >
              <Icon name="bin" />
            </button>
          </div>
        )}
      </div>
      {changeable && deleting && (
        <DeleteQuestion
          channel={channel}
          message={message}
          onDone={() => {
            setDeleting(false)
            onEditDone()
          }}
        />
      )}
      {own && !deleted && <DeliveryMark channel={channel} delivery={delivery} />}
    </li>
  )
}

interface DeleteQuestionProps {
  readonly channel: Channel<ChatBody>
  readonly message: Message
  readonly onDone: () => void
}

function DeleteQuestion({ channel, message: { offset, last }, onDone }: DeleteQuestionProps) {
  return (
    <fieldset
      className="delete-question"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone()
      }}
    >
      <legend>Delete for everyone?</legend>
      <button
        type="button"
        className="button danger"
        onClick={() => {
          if (offset !== undefined) {
            void channel.publish({ kind: 'delete', offset, ...(last && { last }) })
          }
          onDone()
        }}
      >
        Delete
      </button>
      {/* biome-ignore lint/a11y/noAutofocus: it answers a key or click just before, and is the harmless choice. */}
      <button type="button" className="button" autoFocus onClick={onDone}>
        Keep
      </button>
    </fieldset>
  )
}
