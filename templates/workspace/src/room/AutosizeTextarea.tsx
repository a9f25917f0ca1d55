import './AutosizeTextarea.css'
import type { KeyboardEvent, RefObject } from 'react'

/** The longest text the server takes; see rusher.config.ts. */
export const textCharsMax = 4_000

interface AutosizeTextareaProps {
  readonly input: RefObject<HTMLTextAreaElement | null>
  readonly label: string
  readonly value: string
  readonly disabled?: boolean
  /** The ids of a list of suggestions, and of the one that is chosen in it, while there is one. */
  readonly suggestions?: { readonly list: string; readonly active: string } | undefined
  readonly onChange: (value: string) => void
  readonly onSelect?: () => void
  readonly onBlur?: () => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

/** A text area as high as its text: the box around it holds the same text, unseen, and both share one grid cell. */
export function AutosizeTextarea(props: AutosizeTextareaProps) {
  const { input, label, value, disabled = false, suggestions, onChange, ...handlers } = props
  return (
    <div className="autosize-textarea" data-text={`${value} `}>
      <textarea
        ref={input}
        rows={1}
        aria-label={label}
        aria-autocomplete="list"
        aria-controls={suggestions?.list}
        aria-activedescendant={suggestions?.active}
        placeholder={label}
        maxLength={textCharsMax}
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value)}
        {...handlers}
      />
    </div>
  )
}
