import { type FormEvent, type KeyboardEvent, type RefObject, useEffect, useState } from 'react'
import type { User } from 'rusher/client'
import { Icon } from '../Icon.tsx'
import { textCharsMax } from './AutosizeTextarea.tsx'
import { useConversation } from './conversation.ts'
import { MessageInput } from './MessageInput.tsx'
import { type Picked, writeMentions } from './mentions.ts'
import type { Message } from './messages.ts'
import { ReplyBar } from './ReplyBar.tsx'
import { useSayTyping } from './use-typing.ts'

interface ComposerProps {
  readonly room: string
  readonly input: RefObject<HTMLTextAreaElement | null>
  /** Who can be mentioned. */
  readonly people: readonly User[]
  readonly autoFocus: boolean
  readonly disabled: boolean
  /** The message that the next one answers. */
  readonly replyTo: Message | undefined
  readonly onReplyEnd: () => void
  readonly onSay: () => void
  readonly onEditLast: () => void
}

interface Draft {
  readonly text: string
  readonly picked: Picked
}

const noDraft: Draft = { text: '', picked: new Map() }
/** What was begun in a channel is still there when one comes back to it. */
const drafts = new Map<string, Draft>()

export function Composer(props: ComposerProps) {
  const { room, input, people, autoFocus, disabled, replyTo, onReplyEnd, onSay, onEditLast } = props
  const { channel } = useConversation()
  const [draft, setDraft] = useState(drafts.get(channel.name) ?? noDraft)
  const sayTyping = useSayTyping(channel)
  const empty = draft.text.trim() === ''

  useEffect(() => {
    // Where there is no keyboard to cover the page with, one can write at once.
    if (autoFocus && matchMedia('(hover: hover)').matches) input.current?.focus()
  }, [input, autoFocus])

  const write = (changed: Draft) => {
    setDraft(changed)
    drafts.set(channel.name, changed)
    sayTyping(changed.text.trim() !== '')
  }
  const send = (event?: FormEvent) => {
    event?.preventDefault()
    if (empty || disabled) return
    const typed = draft.text.trim()
    const written = writeMentions(typed, people, draft.picked)
    const text = written.length > textCharsMax ? typed : written
    const reply = replyTo?.offset === undefined ? {} : { replyTo: replyTo.offset }
    // Offline or not: it waits its turn, and the message in the list says how far it came.
    void channel.publish({ kind: 'say', text, ...reply })
    write(noDraft)
    onReplyEnd()
    onSay()
    input.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      send()
    } else if (event.key === 'ArrowUp' && draft.text === '') {
      event.preventDefault()
      onEditLast()
    } else if (event.key === 'Escape' && replyTo !== undefined) {
      event.preventDefault()
      onReplyEnd()
    }
  }

  return (
    <form className="composer" aria-label="New message" onSubmit={send}>
      {replyTo !== undefined && <ReplyBar message={replyTo} onCancel={onReplyEnd} />}
      <div className="composer-line">
        <MessageInput
          input={input}
          label={`Message #${room}`}
          people={people}
          disabled={disabled}
          value={draft.text}
          picked={draft.picked}
          onChange={(text, picked) => write({ text, picked })}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          className="button primary icon-only send"
          aria-label="Send"
          disabled={empty || disabled}
        >
          <Icon name="send" />
        </button>
      </div>
    </form>
  )
}
