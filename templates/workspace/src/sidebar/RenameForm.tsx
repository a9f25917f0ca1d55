import { type KeyboardEvent, useEffect, useRef } from 'react'
import { titleCharsMax } from '../pages.ts'

interface RenameFormProps {
  readonly title: string
  readonly onTitle: (title: string) => void
  readonly onClose: () => void
}

/** The title of a page, edited in the list. Enter keeps it, Escape does not. */
export function RenameForm({ title, onTitle, onClose }: RenameFormProps) {
  const input = useRef<HTMLInputElement>(null)
  const done = useRef(false)
  useEffect(() => input.current?.select(), [])

  const finish = (keep: boolean) => {
    if (done.current) return
    done.current = true
    if (keep) onTitle(input.current?.value ?? title)
    onClose()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') finish(true)
    if (event.key !== 'Escape') return
    event.stopPropagation()
    finish(false)
  }
  return (
    <input
      ref={input}
      className="rename"
      aria-label={`New title of ${title}`}
      autoComplete="off"
      maxLength={titleCharsMax}
      defaultValue={title}
      onKeyDown={onKeyDown}
      onBlur={() => finish(true)}
    />
  )
}
