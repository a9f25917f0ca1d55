import './Avatar.css'
import type { User } from 'rusher/client'
import { colourClass, hashOf, initialsOf } from './people.ts'

/** Shapes behind the initials, in a square of 36; each can be turned to four sides. */
const patterns = [
  'M0 36L36 0V36z',
  'M0 24h36v12H0z',
  'M36 36V6A30 30 0 0 0 6 36z',
  'M0 0h12v36H0zM24 0h12v36H24z',
  'M0 36L18 14L36 36z',
  'M0 0h18v18H0zM18 18h18v18H18z',
  'M36 0A36 36 0 0 1 0 36H14A22 22 0 0 0 36 14z',
  'M0 0h9l27 27v9h-9L0 9z',
] as const

/**
 * Initials on a colour and a pattern derived from the user's id, so that two users with the same
 * initials look different.
 */
export function Avatar({ user }: { user: User }) {
  const hash = hashOf(user.id)
  const pattern = patterns[(hash >>> 8) % patterns.length]
  const turn = ((hash >>> 16) % 4) * 90
  return (
    <span className={`avatar ${colourClass(user)}`} aria-hidden="true">
      <svg viewBox="0 0 36 36" aria-hidden="true">
        <path d={pattern} transform={`rotate(${turn} 18 18)`} />
      </svg>
      <span>{initialsOf(user)}</span>
    </span>
  )
}
