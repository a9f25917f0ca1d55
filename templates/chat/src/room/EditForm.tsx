import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Channel } from 'rusher/client'
import { AutosizeTextarea } from './AutosizeTextarea.tsx'
import type { ChatBody, Message } from './messages.ts'

interface EditFormProps {
  readonly channel: Channel<ChatBody>
  readonly message: Message
  readonly onDone: () => void
}

/** A message in its author's hands: Enter saves, Escape leaves it as it was. */
export function EditForm({ channel, message, onDone }: EditFormProps) {
  const [text, setText] = useState(message.text)
  const input = useRef<HTMLTextAreaElement>(null)

  useEffect(() => {
    const { current } = input
    current?.focus()
    current?.setSelectionRange(current.value.length, current.value.length)
  }, [])

  const save = (event?: FormEvent) => {
    event?.preventDefault()
    const { offset, last } = message
    const changed = text.trim()
    if (changed === '' || offset === undefined) return
    if (changed !== message.text) {
      void channel.publish({ kind: 'edit', offset, ...(last && { last }), text: changed })
    }
    onDone()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') onDone()
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      save()
    }
  }

  return (
    <form className="edit-form" aria-label="Edit message" onSubmit={save}>
      <AutosizeTextarea
        input={input}
        label="Edit your message"
        value={text}
        onChange={setText}
        onKeyDown={onKeyDown}
      />
      <div className="edit-actions">
        <button type="submit" className="button primary" disabled={text.trim() === ''}>
          Save
        </button>
        <button type="button" className="button" onClick={onDone}>
          Cancel
        </button>
        <span className="hint">Enter saves, Esc cancels</span>
      </div>
    </form>
  )
}
