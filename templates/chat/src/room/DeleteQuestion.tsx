import { useConversation } from './conversation.ts'
import type { Message } from './messages.ts'

interface DeleteQuestionProps {
  readonly message: Message
  readonly onDone: () => void
}

export function DeleteQuestion({ message: { offset, last }, onDone }: DeleteQuestionProps) {
  const { channel } = useConversation()
  return (
    <fieldset
      className="delete-question"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone()
      }}
    >
      <legend>Delete for everyone?</legend>
      <button
        type="button"
        className="button danger"
        onClick={() => {
          if (offset !== undefined) {
            void channel.publish({ kind: 'delete', offset, ...(last && { last }) })
          }
          onDone()
        }}
      >
        Delete
      </button>
      {/* biome-ignore lint/a11y/noAutofocus: opened by the user, and the safe choice. */}
      <button type="button" className="button" autoFocus onClick={onDone}>
        Keep
      </button>
    </fieldset>
  )
}
