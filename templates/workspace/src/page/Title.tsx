import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react'
import { type PageEntry, titleCharsMax, untitled } from '../pages.ts'
import type { Pages } from '../use-pages.ts'

/** How long a pause in typing may be before the others see the title, in milliseconds. */
const pauseMs = 300

interface TitleProps {
  readonly page: PageEntry
  readonly rename: Pages['rename']
  readonly editable: boolean
  readonly input: RefObject<HTMLTextAreaElement | null>
  /** Goes on to the text. */
  readonly onEnter: () => void
}

/** The title of a page: its heading, edited in place, for everybody. */
export function Title({ page, rename, editable, input, onEnter }: TitleProps) {
  const [draft, setDraft] = useDraft(page, rename)
  const given = page.title === untitled ? '' : page.title
  const shown = draft ?? given

  if (!editable) {
    return (
      <h1 className="page-title">
        <bdi>{page.title}</bdi>
      </h1>
    )
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return
    const { selectionStart, value } = event.currentTarget
    const isLeaving =
      event.key === 'Enter' || (event.key === 'ArrowDown' && selectionStart === value.length)
    if (!isLeaving) return
    event.preventDefault()
    onEnter()
  }
  return (
    // The hidden heading in the same grid cell gives the text area the height of its text.
    <h1
      className="page-title title-field"
      data-text={`${shown || untitled} `}
      aria-label={page.title}
    >
      <textarea
        ref={input}
        rows={1}
        aria-label="Title of the page"
        placeholder={untitled}
        dir="auto"
        autoComplete="off"
        spellCheck="true"
        value={shown}
        onChange={(event) => setDraft(oneLine(event.target.value))}
        onBlur={() => setDraft(draft, 0)}
        onKeyDown={onKeyDown}
      />
    </h1>
  )
}

function oneLine(text: string): string {
  return [...text.replace(/\s*[\r\n]+\s*/g, ' ')].slice(0, titleCharsMax).join('')
}

/**
 * What is being typed. It is sent after a pause, and gives way to what the list says once the
 * server has it.
 */
function useDraft(page: PageEntry, rename: Pages['rename']) {
  const [draft, setDraft] = useState<string>()
  const waiting = useRef<{ timer: ReturnType<typeof setTimeout>; send: () => void }>(undefined)
  const send = useRef((_draft: string) => {})
  send.current = (typed) => {
    waiting.current = undefined
    const settle = () => setDraft((now) => (now === typed ? undefined : now))
    void rename(page, typed).then(settle)
  }
  const change = (typed: string | undefined, afterMs = pauseMs) => {
    clearTimeout(waiting.current?.timer)
    if (typed === undefined) return
    setDraft(typed)
    const sendNow = () => send.current(typed)
    waiting.current = { timer: setTimeout(sendNow, afterMs), send: sendNow }
  }
  // Leaving the page sends a title that is still waiting.
  useEffect(
    () => () => {
      clearTimeout(waiting.current?.timer)
      waiting.current?.send()
    },
    [],
  )
  return [draft, change] as const
}
