import './Avatar.css'
import type { User } from 'rusher/client'
import { colourClass, initialsOf } from './people.ts'

export function Avatar({ user }: { user: User }) {
  return (
    <span className={`avatar ${colourClass(user)}`} aria-hidden="true">
      {initialsOf(user)}
    </span>
  )
}
