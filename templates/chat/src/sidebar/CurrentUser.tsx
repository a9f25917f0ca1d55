import { useRef } from 'react'
import { Avatar } from '../Avatar.tsx'
import { Icon } from '../Icon.tsx'
import { NameForm } from '../NameForm.tsx'
import type { Me } from '../people.ts'
import { ThemeToggle } from './ThemeToggle.tsx'

interface CurrentUserProps {
  readonly me: Me
  readonly onName: (name: string) => void
}

export function CurrentUser({ me, onName }: CurrentUserProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  return (
    <footer className="current-user">
      <button type="button" className="my-name" onClick={() => dialog.current?.showModal()}>
        <Avatar user={me} />
        <span className="visually-hidden">Change your name, </span>
        <bdi className="person-name">{me.name}</bdi>
        <Icon name="pencil" />
      </button>
      <ThemeToggle />
      <dialog ref={dialog} className="dialog" aria-label="Change your name">
        <h2>Change your name</h2>
        <NameForm
          initial={me.name}
          action="Save"
          onName={(name) => {
            dialog.current?.close()
            onName(name)
          }}
        />
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
      </dialog>
    </footer>
  )
}
