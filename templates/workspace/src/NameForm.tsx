import './NameForm.css'
import { useId, useState } from 'react'
import { nameCharsMax } from './people.ts'

interface NameFormProps {
  readonly initial: string
  readonly action: string
  /** Whether the page waits for nothing else. */
  readonly focused?: boolean
  readonly onName: (name: string) => void
}

export function NameForm({ initial, action, focused = false, onName }: NameFormProps) {
  const [name, setName] = useState(initial)
  const id = useId()
  return (
    <form
      className="name-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') onName(name)
      }}
    >
      <label htmlFor={id}>Your name</label>
      <input
        id={id}
        // biome-ignore lint/a11y/noAutofocus: it is all there is on the first page.
        autoFocus={focused}
        autoComplete="nickname"
        maxLength={nameCharsMax}
        required
        value={name}
        onChange={(event) => setName(event.target.value)}
        onFocus={(event) => event.target.select()}
      />
      <button type="submit" className="button primary" disabled={name.trim() === ''}>
        {action}
      </button>
    </form>
  )
}
