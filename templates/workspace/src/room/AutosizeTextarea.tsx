import './AutosizeTextarea.css'
import type { KeyboardEvent, RefObject } from 'react'

/** The longest text the server takes; see rusher.config.ts. */
const textCharsMax = 4_000

interface AutosizeTextareaProps {
  readonly input: RefObject<HTMLTextAreaElement | null>
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

/** A text area as high as its text: the box around it holds the same text, unseen, and both share one grid cell. */
export function AutosizeTextarea({
  input,
  label,
  value,
  onChange,
  onKeyDown,
}: AutosizeTextareaProps) {
  return (
    <div className="autosize-textarea" data-text={`${value} `}>
      <textarea
        ref={input}
        rows={1}
        aria-label={label}
        placeholder={label}
        maxLength={textCharsMax}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </div>
  )
}
