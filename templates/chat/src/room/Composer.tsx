import { type FormEvent, type KeyboardEvent, type RefObject, useEffect, useState } from 'react'
import type { Channel } from 'rusher/client'
import { Icon } from '../Icon.tsx'
import { AutosizeTextarea } from './AutosizeTextarea.tsx'
import type { ChatBody } from './messages.ts'
import { useSayTyping } from './use-typing.ts'

interface ComposerProps {
  readonly channel: Channel<ChatBody>
  readonly room: string
  readonly input: RefObject<HTMLTextAreaElement | null>
  readonly onSay: () => void
  readonly onEditLast: () => void
  /** Where the chat is what one came for. */
  readonly focusOnMount?: boolean
}

/** What was begun in a channel is still there when one comes back to it. */
const drafts = new Map<string, string>()

export function Composer(props: ComposerProps) {
  const { channel, room, input, onSay, onEditLast, focusOnMount = false } = props
  const [text, setText] = useState(drafts.get(channel.name) ?? '')
  const sayTyping = useSayTyping(channel)

  useEffect(() => {
    // Where there is no keyboard to cover the page with, one can write at once.
    if (focusOnMount && matchMedia('(hover: hover)').matches) input.current?.focus()
  }, [input, focusOnMount])

  const write = (value: string) => {
    setText(value)
    drafts.set(channel.name, value)
    sayTyping(value.trim() !== '')
  }
  const send = (event?: FormEvent) => {
    event?.preventDefault()
    if (text.trim() === '') return
    // Offline or not: it waits its turn, and the message in the list says how far it came.
    void channel.publish({ kind: 'say', text: text.trim() })
    write('')
    onSay()
    input.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      send()
    } else if (event.key === 'ArrowUp' && text === '') {
      event.preventDefault()
      onEditLast()
    }
  }

  return (
    <form className="composer" aria-label="New message" onSubmit={send}>
      <AutosizeTextarea
        input={input}
        label={`Message #${room}`}
        value={text}
        onChange={write}
        onKeyDown={onKeyDown}
      />
      <button
        type="submit"
        className="button primary icon-only send"
        aria-label="Send"
        disabled={text.trim() === ''}
      >
        <Icon name="send" />
      </button>
    </form>
  )
}
