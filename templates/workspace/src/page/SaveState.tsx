import type { PageState } from './page-state.ts'
import { wordsOf } from './page-state.ts'

const hints: Readonly<Record<Exclude<PageState['kind'], 'refused'>, string>> = {
  opening: 'The server has not answered yet.',
  saved: 'Everything is on the disk of the server.',
  saving: 'On its way to the disk of the server.',
  offline: 'You can go on writing. It is sent when the server can be reached again.',
  'read only': 'You can read this page but not change it.',
  held: 'The server cannot accept the last changes right now.',
}

/** Says what an acknowledgement of the server is worth. */
export function SaveState({ state }: { state: PageState }) {
  const hint = state.kind === 'refused' ? state.refusal.title : hints[state.kind]
  return (
    <div className={`save-state ${state.kind.replace(' ', '-')}`} title={hint}>
      <span className="save-dot" aria-hidden="true" />
      <span role="status">{wordsOf(state)}</span>
    </div>
  )
}
