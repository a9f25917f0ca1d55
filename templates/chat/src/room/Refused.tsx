import type { Refusal } from 'rusher/client'
import { Icon } from '../Icon.tsx'

interface RefusedProps {
  readonly error: Refusal | undefined
  /** One line below messages that are still shown. */
  readonly compact?: boolean
}

/** Says that the server does not let one into this chat, and why. */
export function Refused({ error, compact = false }: RefusedProps) {
  const reason = error?.message ?? 'the server gave no reason'
  return (
    <div className={compact ? 'refused compact' : 'refused'} role="alert">
      <Icon name="alert" />
      <p>
        <strong>
          {error?.code === 'DENIED' ? 'You have no access to this chat.' : 'This chat is closed.'}
        </strong>{' '}
        <span>The server says: {reason}.</span>
      </p>
    </div>
  )
}
