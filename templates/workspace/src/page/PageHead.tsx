import { type RefObject, useRef, useState } from 'react'
import { Avatar } from '../Avatar.tsx'
import { DeletePage } from '../DeletePage.tsx'
import { Icon } from '../Icon.tsx'
import { Menu, type MenuItem } from '../Menu.tsx'
import type { PageEntry } from '../pages.ts'
import { type Me, nameOf } from '../people.ts'
import type { OpenPage } from './open-page.ts'
import type { PageState } from './page-state.ts'
import { SaveState } from './SaveState.tsx'
import { usePeopleHere } from './use-people-here.ts'

/** Faces that fit beside a title. */
const facesMax = 4

interface PageHeadProps {
  readonly page: OpenPage
  readonly entry: PageEntry
  readonly me: Me
  readonly state: PageState
  readonly reading: boolean
  /** Absent where there is no choice. */
  readonly onReading: (() => void) | undefined
  readonly historyOpen: boolean
  readonly historyButton: RefObject<HTMLButtonElement | null>
  readonly onHistory: () => void
  readonly onMenu: () => void
  /** Absent where the page cannot be renamed here. */
  readonly onRename: (() => void) | undefined
  /** Absent where the page is deleted already. */
  readonly onDelete: (() => void) | undefined
}

export function PageHead(props: PageHeadProps) {
  const { page, entry, me, state, reading, onReading, historyOpen, onHistory, onMenu } = props
  return (
    <header className="page-head">
      <button
        type="button"
        className="button icon-only drawer-only"
        aria-label="Pages and people"
        aria-controls="sidebar"
        onClick={onMenu}
      >
        <Icon name="bars" />
      </button>
      <bdi className="page-crumb">{entry.title}</bdi>
      <Faces page={page} me={me} />
      <SaveState state={state} />
      {onReading !== undefined && (
        <button
          type="button"
          className="button icon-only"
          aria-pressed={reading}
          aria-label="Read without changing"
          title={reading ? 'Write again' : 'Read without changing'}
          onClick={onReading}
        >
          <Icon name={reading ? 'pencil' : 'eye'} />
        </button>
      )}
      <button
        ref={props.historyButton}
        type="button"
        className="button icon-only"
        aria-expanded={historyOpen}
        aria-label="History"
        title="History"
        onClick={onHistory}
      >
        <Icon name="history" />
      </button>
      <PageMenu {...props} />
    </header>
  )
}

function Faces({ page, me }: Pick<PageHeadProps, 'page' | 'me'>) {
  const people = usePeopleHere(page.awareness, me.id)
  const shown = people.slice(0, facesMax)
  const more = people.length - shown.length
  return (
    <ul className="faces" aria-label="Also on this page">
      {shown.map((person) => (
        <li key={person.id} title={nameOf(person)}>
          <Avatar user={person} />
          <span className="visually-hidden">{nameOf(person)}</span>
        </li>
      ))}
      {more > 0 && <li className="more-faces">+{more}</li>}
    </ul>
  )
}

/** What can be done with the page that is open. */
function PageMenu({ entry, onRename, onDelete }: PageHeadProps) {
  const [asking, setAsking] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const items: readonly (MenuItem | false)[] = [
    onRename !== undefined && { label: 'Rename', icon: 'pencil', onUse: onRename },
    onDelete !== undefined && {
      label: 'Delete',
      icon: 'bin',
      danger: true,
      onUse: () => setAsking(true),
    },
  ]
  const offered = items.filter((item) => item !== false)
  if (offered.length === 0) return null
  return (
    <>
      <Menu label="Menu of this page" button={button} items={offered} />
      {asking && (
        <DeletePage
          page={entry}
          onDelete={() => onDelete?.()}
          onCancel={() => {
            setAsking(false)
            button.current?.focus()
          }}
        />
      )}
    </>
  )
}
