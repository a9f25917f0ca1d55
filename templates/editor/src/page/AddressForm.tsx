import { type FormEvent, useEffect, useId, useRef, useState } from 'react'

interface AddressFormProps {
  readonly title: string
  readonly hint: string
  readonly initial: string
  readonly problem: string
  readonly parse: (typed: string) => string | undefined
  readonly onAddress: (address: string) => void
  readonly onRemove?: (() => void) | undefined
  readonly onCancel: () => void
}

/** Asks for an address. */
export function AddressForm(props: AddressFormProps) {
  const { title, hint, initial, problem, parse, onAddress, onRemove, onCancel } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, setTyped] = useState(initial)
  const [refused, setRefused] = useState(false)
  const id = useId()

  useEffect(() => dialog.current?.showModal(), [])

  const use = (event: FormEvent) => {
    event.preventDefault()
    const address = parse(typed)
    if (address === undefined) setRefused(true)
    else onAddress(address)
  }
  return (
    <dialog ref={dialog} className="dialog" aria-label={title} onClose={onCancel}>
      <h2>{title}</h2>
      <form className="name-form" onSubmit={use}>
        <label htmlFor={id}>{hint}</label>
        <input
          id={id}
          inputMode="url"
          autoComplete="off"
          placeholder="https://"
          aria-describedby={`${id}-problem`}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setRefused(false)
          }}
        />
        <p id={`${id}-problem`} className="form-problem" role="status">
          {refused && problem}
        </p>
        <button type="submit" className="button primary">
          {title === 'Link' ? 'Set the link' : 'Put it in'}
        </button>
      </form>
      {onRemove !== undefined && (
        <button type="button" className="button danger" onClick={onRemove}>
          Remove the link
        </button>
      )}
      <button type="button" className="button" onClick={onCancel}>
        Cancel
      </button>
    </dialog>
  )
}
