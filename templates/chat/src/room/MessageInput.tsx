import { type KeyboardEvent, type RefObject, useId, useState } from 'react'
import type { User } from 'rusher/client'
import { Avatar } from '../Avatar.tsx'
import { nameOf } from '../people.ts'
import { AutosizeTextarea } from './AutosizeTextarea.tsx'
import { type MentionQuery, matchPeople, mentionAt, type Picked } from './mentions.ts'

interface MessageInputProps {
  readonly input: RefObject<HTMLTextAreaElement | null>
  readonly label: string
  readonly people: readonly User[]
  readonly disabled?: boolean
  readonly value: string
  readonly picked: Picked
  readonly onChange: (value: string, picked: Picked) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

/**
 * A text area with autocomplete for `@` mentions. While the list is open, the arrow keys, Enter, Tab
 * and Escape act on it.
 */
export function MessageInput(props: MessageInputProps) {
  const { input, label, people, disabled = false, value, picked, onChange, onKeyDown } = props
  const [query, setQuery] = useState<MentionQuery>()
  const [active, setActive] = useState(0)
  const listId = useId()
  const offered = query === undefined ? [] : matchPeople(people, query.typed)
  const open = offered.length > 0
  const index = Math.min(active, offered.length - 1)
  const current = offered[index]

  const look = () => {
    const { current: element } = input
    if (element === null || element.selectionStart !== element.selectionEnd) return
    setQuery(mentionAt(element.value, element.selectionStart))
    setActive(0)
  }
  const pick = (user: User) => {
    const { current: element } = input
    if (query === undefined || element === null) return
    const mention = `@${nameOf(user)} `
    const end = query.start + 1 + query.typed.length
    const changed = value.slice(0, query.start) + mention + value.slice(end).replace(/^ /, '')
    setQuery(undefined)
    onChange(changed, new Map(picked).set(nameOf(user), user.id))
    const caret = query.start + mention.length
    // After React has put the text in.
    requestAnimationFrame(() => {
      element.focus()
      element.setSelectionRange(caret, caret)
    })
  }
  const handleKey = (event: KeyboardEvent) => {
    if (!open || current === undefined || event.nativeEvent.isComposing) return onKeyDown(event)
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) setActive((now) => (now + step + offered.length) % offered.length)
    else if (event.key === 'Escape') setQuery(undefined)
    else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') pick(current)
    else return onKeyDown(event)
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="message-input">
      {open && (
        <MentionList
          id={listId}
          offered={offered}
          current={current}
          onPick={pick}
          onPoint={setActive}
        />
      )}
      <p className="visually-hidden" role="status">
        {open &&
          `${offered.length} people to mention, ${nameOf(current ?? offered[0] ?? { id: '' })}`}
      </p>
      <AutosizeTextarea
        input={input}
        label={label}
        value={value}
        disabled={disabled}
        suggestions={open && current ? { list: listId, active: `${listId}-${index}` } : undefined}
        onChange={(text) => {
          onChange(text, picked)
          look()
        }}
        onSelect={look}
        onBlur={() => setQuery(undefined)}
        onKeyDown={handleKey}
      />
    </div>
  )
}

interface MentionListProps {
  readonly id: string
  readonly offered: readonly User[]
  readonly current: User | undefined
  readonly onPick: (user: User) => void
  readonly onPoint: (index: number) => void
}

/** The text area keeps the focus, so the options are only pointed at. */
function MentionList({ id, offered, current, onPick, onPoint }: MentionListProps) {
  return (
    <div id={id} className="mention-list" role="listbox" aria-label="People to mention">
      {offered.map((user, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant.
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text area has the keys.
        <div
          key={user.id}
          id={`${id}-${index}`}
          role="option"
          className="mention-option"
          aria-selected={user.id === current?.id}
          onPointerMove={() => onPoint(index)}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(user)}
        >
          <Avatar user={user} />
          <bdi>{nameOf(user)}</bdi>
        </div>
      ))}
    </div>
  )
}
