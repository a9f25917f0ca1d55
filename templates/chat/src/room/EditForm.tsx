import { type FormEvent, type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { textCharsMax } from './AutosizeTextarea.tsx'
import { useConversation } from './conversation.ts'
import { MessageInput } from './MessageInput.tsx'
import { readMentions, writeMentions } from './mentions.ts'
import type { Message } from './messages.ts'

interface EditFormProps {
  readonly message: Message
  readonly onDone: () => void
}

/** A message in its author's hands: Enter saves, Escape leaves it as it was. */
export function EditForm({ message, onDone }: EditFormProps) {
  const { channel, me, people } = useConversation()
  const [draft, setDraft] = useState(() => readMentions(message.text))
  const others = useMemo(() => [...people.values()].filter(({ id }) => id !== me.id), [people, me])
  const empty = draft.text.trim() === ''
  const input = useRef<HTMLTextAreaElement>(null)

  useEffect(() => {
    const { current } = input
    current?.focus()
    current?.setSelectionRange(current.value.length, current.value.length)
  }, [])

  const save = (event?: FormEvent) => {
    event?.preventDefault()
    const { offset, last } = message
    if (empty || offset === undefined) return
    const typed = draft.text.trim()
    const written = writeMentions(typed, others, draft.picked)
    const changed = written.length > textCharsMax ? typed : written
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
      <MessageInput
        input={input}
        label="Edit your message"
        people={others}
        value={draft.text}
        picked={draft.picked}
        onChange={(text, picked) => setDraft({ text, picked })}
        onKeyDown={onKeyDown}
      />
      <div className="edit-actions">
        <button type="submit" className="button primary" disabled={empty}>
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
