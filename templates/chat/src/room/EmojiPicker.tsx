import './Reactions.css'
import { type KeyboardEvent, type RefObject, useEffect, useRef } from 'react'
import { offeredEmoji } from './reactions.ts'

interface EmojiPickerProps {
  /** The button that it opens at, and that gets the focus back. */
  readonly anchor: RefObject<HTMLButtonElement | null>
  readonly onPick: (emoji: string) => void
  readonly onClose: () => void
}

const marginPx = 8

/** A popover: above everything, and closed by Escape or a click elsewhere. */
export function EmojiPicker({ anchor, onPick, onClose }: EmojiPickerProps) {
  const popover = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const { current } = popover
    if (current === null || anchor.current === null) return
    current.showPopover()
    place(current, anchor.current.getBoundingClientRect())
    current.querySelector('button')?.focus()
  }, [anchor])

  const close = () => {
    onClose()
    anchor.current?.focus()
  }
  return (
    <div
      ref={popover}
      popover="auto"
      className="emoji-picker"
      role="toolbar"
      aria-label="Reactions to choose from"
      onToggle={({ newState }) => {
        if (newState === 'closed') onClose()
      }}
      onKeyDown={moveFocus}
    >
      {offeredEmoji.map(({ emoji, name }) => (
        <button
          key={emoji}
          type="button"
          aria-label={name}
          title={name}
          onClick={() => {
            onPick(emoji)
            close()
          }}
        >
          {emoji}
        </button>
      ))}
    </div>
  )
}

/** Above the button where there is room, and inside the window. */
function place(popover: HTMLElement, anchor: DOMRect): void {
  const { width, height } = popover.getBoundingClientRect()
  const above = anchor.top - height - marginPx
  const top = above >= marginPx ? above : anchor.bottom + marginPx
  const left = Math.min(Math.max(marginPx, anchor.right - width), innerWidth - width - marginPx)
  popover.style.top = `${top}px`
  popover.style.left = `${Math.max(marginPx, left)}px`
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
  if (event.key === 'ArrowUp' || event.key === 'ArrowDown') event.stopPropagation()
  if (step === undefined) return
  const buttons = [...event.currentTarget.querySelectorAll('button')]
  const index = buttons.indexOf(document.activeElement as HTMLButtonElement)
  buttons[(index + step + buttons.length) % buttons.length]?.focus()
  event.preventDefault()
}
