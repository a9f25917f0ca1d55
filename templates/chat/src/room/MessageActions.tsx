import { type ComponentProps, useRef, useState } from 'react'
import { Icon } from '../Icon.tsx'
import { useConversation } from './conversation.ts'
import { EmojiPicker } from './EmojiPicker.tsx'
import type { Message } from './messages.ts'
import { react } from './Reactions.tsx'

interface MessageActionsProps {
  readonly message: Message
  readonly own: boolean
  /** Whether Tab stops at these: only on the message that it stops at. */
  readonly tabStop: boolean
  readonly onDelete: () => void
}

/** What one can do with a message. Pointing at it, tapping it or focusing it brings them. */
export function MessageActions({ message, own, tabStop, onDelete }: MessageActionsProps) {
  const conversation = useConversation()
  const { edit, reply } = conversation
  const [picking, setPicking] = useState(false)
  const picker = useRef<HTMLButtonElement>(null)
  const tabIndex = tabStop ? 0 : -1
  return (
    <div
      className={picking ? 'actions open' : 'actions'}
      role="toolbar"
      aria-label="Message actions"
    >
      <ActionButton
        ref={picker}
        icon="smile"
        label="Add a reaction"
        tabIndex={tabIndex}
        aria-expanded={picking}
        onClick={() => setPicking(true)}
      />
      <ActionButton
        icon="reply"
        label="Reply to this message"
        tabIndex={tabIndex}
        onClick={() => reply(message)}
      />
      {own && (
        <>
          <ActionButton
            icon="pencil"
            label="Edit this message"
            tabIndex={tabIndex}
            onClick={() => edit(message.key)}
          />
          <ActionButton
            icon="bin"
            label="Delete this message"
            tabIndex={tabIndex}
            onClick={onDelete}
          />
        </>
      )}
      {picking && (
        <EmojiPicker
          anchor={picker}
          onPick={(emoji) => react(conversation, message, emoji)}
          onClose={() => setPicking(false)}
        />
      )}
    </div>
  )
}

interface ActionButtonProps extends ComponentProps<'button'> {
  readonly icon: ComponentProps<typeof Icon>['name']
  readonly label: string
}

function ActionButton({ icon, label, ...rest }: ActionButtonProps) {
  return (
    <button type="button" className="button icon-only" aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  )
}
