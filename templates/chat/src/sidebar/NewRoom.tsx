import { type FormEvent, useRef, useState } from 'react'
import type { Channel } from 'rusher/client'
import { Icon } from '../Icon.tsx'
import { type RoomsBody, toRoomName } from '../rooms.ts'

interface NewRoomProps {
  readonly rooms: Channel<RoomsBody>
  readonly onOpen: () => void
}

/** Opens a room for everyone, and goes there. */
export function NewRoom({ rooms, onOpen }: NewRoomProps) {
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<string>()
  const input = useRef<HTMLInputElement>(null)

  const open = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim() === '') return input.current?.focus()
    const name = toRoomName(typed)
    if (name === undefined) return setProblem('Use letters a to z, digits and hyphens.')
    rooms
      .publish({ kind: 'open', name })
      .catch((error: Error) => setProblem(`#${name} was not opened: ${error.message}`))
    location.hash = name
    setTyped('')
    onOpen()
  }

  return (
    <form className="new-room" onSubmit={open}>
      <input
        ref={input}
        aria-label="New room"
        aria-describedby="new-room-problem"
        placeholder="New room…"
        autoComplete="off"
        maxLength={48}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setProblem(undefined)
        }}
      />
      <button type="submit" className="button icon-only" aria-label="Open the new room">
        <Icon name="plus" />
      </button>
      <p id="new-room-problem" role="status">
        {problem}
      </p>
    </form>
  )
}
