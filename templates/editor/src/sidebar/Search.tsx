import { type KeyboardEvent, type RefObject, useEffect, useRef } from 'react'
import { Icon } from '../Icon.tsx'
import { moveInList } from './move-in-list.ts'

interface SearchProps {
  readonly value: string
  /** How many pages it finds. */
  readonly count: number
  readonly list: RefObject<HTMLElement | null>
  readonly onChange: (value: string) => void
  /** Opens the first that was found. */
  readonly onEnter: () => void
}

/** Filters the list. Ctrl+K and / lead here, arrows from here into the list. */
export function Search({ value, count, list, onChange, onEnter }: SearchProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (!isSearchKey(event)) return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') {
      event.preventDefault()
      if (count === 0) return
      // The focus goes on to the page.
      input.current?.blur()
      onEnter()
    } else if (event.key === 'Escape' && value !== '') {
      event.stopPropagation()
      onChange('')
    } else if (event.key === 'ArrowDown' && moveInList(list.current, 'ArrowDown')) {
      event.preventDefault()
    }
  }
  return (
    <search className="page-search">
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        aria-label="Search pages"
        aria-keyshortcuts="Control+K /"
        placeholder="Search"
        autoComplete="off"
        maxLength={120}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <span className="key-hint" aria-hidden="true">
        Ctrl K
      </span>
      <span className="visually-hidden" role="status">
        {value.trim() === '' ? '' : `${count} ${count === 1 ? 'page' : 'pages'} found`}
      </span>
    </search>
  )
}

/** In the text of a page, Ctrl+K makes a link: the editor takes the key before this sees it. */
function isSearchKey(event: globalThis.KeyboardEvent): boolean {
  if (event.defaultPrevented || event.altKey || document.querySelector('dialog[open]')) return false
  if (event.key.toLowerCase() === 'k') return event.ctrlKey || event.metaKey
  const { target } = event
  const isTyping =
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select'))
  return event.key === '/' && !event.ctrlKey && !event.metaKey && !isTyping
}
