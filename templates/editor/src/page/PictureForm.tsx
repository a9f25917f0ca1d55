import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { toPictureAddress } from './addresses.ts'

interface PictureFormProps {
  readonly onPicture: (picture: { readonly src: string; readonly alt: string }) => void
  readonly onCancel: () => void
}

/** Asks for the address of a picture, and for what it shows. */
export function PictureForm({ onPicture, onCancel }: PictureFormProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, setTyped] = useState('')
  const [alt, setAlt] = useState('')
  const [refused, setRefused] = useState(false)
  const id = useId()

  useEffect(() => dialog.current?.showModal(), [])

  const insert = (event: FormEvent) => {
    event.preventDefault()
    const src = toPictureAddress(typed)
    if (src === undefined) setRefused(true)
    else onPicture({ src, alt: alt.trim() })
  }
  return (
    <dialog ref={dialog} className="dialog" aria-label="Picture" onClose={onCancel}>
      <h2>Picture</h2>
      <form className="name-form" onSubmit={insert}>
        <label htmlFor={id}>The address of a picture on the web</label>
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
          {refused && 'That is no address of the web. Use https://…'}
        </p>
        <label htmlFor={`${id}-alt`}>What it shows, for those who cannot see it</label>
        <input
          id={`${id}-alt`}
          autoComplete="off"
          maxLength={500}
          value={alt}
          onChange={(event) => setAlt(event.target.value)}
        />
        <button type="submit" className="button primary">
          Insert
        </button>
      </form>
      <button type="button" className="button" onClick={onCancel}>
        Cancel
      </button>
    </dialog>
  )
}
