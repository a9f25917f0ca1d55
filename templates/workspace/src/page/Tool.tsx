import { Icon } from '../Icon.tsx'

interface ToolProps {
  readonly label: string
  /** How to do it without the mouse. */
  readonly keys?: string
  readonly icon?: Parameters<typeof Icon>[0]['name']
  /** A letter in place of a drawing, and the class that shows what it does to letters. */
  readonly letter?: string
  readonly letterClass?: string
  readonly pressed?: boolean
  readonly disabled?: boolean
  readonly onUse: () => void
}

export function Tool(props: ToolProps) {
  const { label, keys, icon, letter, letterClass, pressed, disabled, onUse } = props
  return (
    <button
      type="button"
      className="tool"
      aria-label={label}
      aria-pressed={pressed}
      aria-keyshortcuts={keys}
      title={keys === undefined ? label : `${label} (${keys})`}
      // A tool that cannot be used keeps its place among those that the arrows reach.
      aria-disabled={disabled}
      // The cursor stays where it is in the text.
      onMouseDown={(event) => event.preventDefault()}
      onClick={disabled === true ? undefined : onUse}
    >
      {icon === undefined ? (
        <span className={letterClass} aria-hidden="true">
          {letter}
        </span>
      ) : (
        <Icon name={icon} />
      )}
    </button>
  )
}
