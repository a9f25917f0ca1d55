import { Avatar } from '../Avatar.tsx'
import { Icon } from '../Icon.tsx'
import { titleOf } from '../pages.ts'
import { type Me, nameOf } from '../people.ts'
import type { OpenPage } from './open-page.ts'
import type { PageState } from './page-state.ts'
import { SaveState } from './SaveState.tsx'
import { usePeopleHere } from './use-people-here.ts'

/** Faces that fit beside a title. */
const facesMax = 4

interface PageHeadProps {
  readonly page: OpenPage
  readonly me: Me
  readonly state: PageState
  readonly reading: boolean
  /** Absent where there is no choice. */
  readonly onReading: (() => void) | undefined
  readonly historyOpen: boolean
  readonly onHistory: () => void
  readonly onMenu: () => void
}

export function PageHead(props: PageHeadProps) {
  const { page, me, state, reading, onReading, historyOpen, onHistory, onMenu } = props
  const people = usePeopleHere(page.awareness, me.id)
  const shown = people.slice(0, facesMax)
  const more = people.length - shown.length
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
      <h1>{titleOf(page.name)}</h1>
      <ul className="faces" aria-label="Also on this page">
        {shown.map((person) => (
          <li key={person.id} title={nameOf(person)}>
            <Avatar user={person} />
            <span className="visually-hidden">{nameOf(person)}</span>
          </li>
        ))}
        {more > 0 && <li className="more-faces">+{more}</li>}
      </ul>
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
        type="button"
        className="button icon-only"
        aria-expanded={historyOpen}
        aria-label="History"
        title="History"
        onClick={onHistory}
      >
        <Icon name="history" />
      </button>
    </header>
  )
}
