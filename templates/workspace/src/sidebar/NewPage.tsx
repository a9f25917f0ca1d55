import { type FormEvent, useRef, useState } from 'react'
import type { Channel } from 'rusher/client'
import { Icon } from '../Icon.tsx'
import { type PagesBody, toPageName } from '../pages.ts'

interface NewPageProps {
  readonly pages: Channel<PagesBody>
  readonly onOpen: () => void
}

/** Opens a page for everyone, and goes there. */
export function NewPage({ pages, onOpen }: NewPageProps) {
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<string>()
  const input = useRef<HTMLInputElement>(null)

  const open = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim() === '') return input.current?.focus()
    const name = toPageName(typed)
    if (name === undefined) return setProblem('Use letters a to z, digits and hyphens.')
    pages
      .publish({ kind: 'open', name })
      .catch((error: Error) => setProblem(`${name} was not opened: ${error.message}`))
    location.hash = name
    setTyped('')
    onOpen()
  }

  return (
    <form className="new-page" onSubmit={open}>
      <input
        ref={input}
        aria-label="New page"
        aria-describedby="new-page-problem"
        placeholder="New page…"
        autoComplete="off"
        maxLength={48}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setProblem(undefined)
        }}
      />
      <button type="submit" className="button icon-only" aria-label="Open the new page">
        <Icon name="plus" />
      </button>
      <p id="new-page-problem" role="status">
        {problem}
      </p>
    </form>
  )
}
