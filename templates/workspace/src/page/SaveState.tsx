import type { PageState } from './page-state.ts'
import { wordsOf } from './page-state.ts'

const hints: Readonly<Record<PageState['kind'], string>> = {
  opening: 'The server has not answered yet.',
  saved: 'Everything is on the disk of the server.',
  saving: 'On its way to the disk of the server.',
  offline: 'You can go on writing. It is sent when the server can be reached again.',
  'read only': 'You can read this page but not change it.',
  held: 'The server cannot accept the last changes right now.',
  refused: 'The server rejects the changes made here.',
}

/** Says what an acknowledgement of the server is worth. */
export function SaveState({ state }: { state: PageState }) {
  return (
    <div className={`save-state ${state.kind.replace(' ', '-')}`} title={hints[state.kind]}>
      <span className="save-dot" aria-hidden="true" />
      <span role="status">{wordsOf(state)}</span>
    </div>
  )
}
