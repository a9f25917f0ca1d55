import { useState, useSyncExternalStore } from 'react'
import { ErrorBoundary } from '../ErrorBoundary.tsx'
import type { Me } from '../people.ts'
import { History } from './History.tsx'
import { Notice } from './Notice.tsx'
import type { OpenPage } from './open-page.ts'
import { PageEditor } from './PageEditor.tsx'
import { PageHead } from './PageHead.tsx'
import { isWritable } from './page-state.ts'
import { PlainPage } from './safe/PlainPage.tsx'
import { Trouble } from './Trouble.tsx'

interface PageViewProps {
  readonly page: OpenPage
  readonly me: Me
  readonly onMenu: () => void
  /** Reopens the page with a new local copy. */
  readonly onReopen: () => void
}

/** A page: what is in it, what can be done with it, and how it is. */
export function PageView({ page, me, onMenu, onReopen }: PageViewProps) {
  const { state, notice, trouble } = useSyncExternalStore(page.subscribe, page.getSnapshot)
  const [reading, setReading] = useState(false)
  const [historyOpen, setHistoryOpen] = useState(false)
  const mayWrite = isWritable(state)
  const isShown = trouble === undefined
  return (
    <main className="page">
      <PageHead
        page={page}
        me={me}
        state={state}
        reading={reading}
        onReading={mayWrite && isShown ? () => setReading(!reading) : undefined}
        historyOpen={historyOpen}
        onHistory={() => setHistoryOpen(!historyOpen)}
        onMenu={onMenu}
      />
      {state.kind === 'read only' && (
        <p className="page-banner">You can read this page but not change it.</p>
      )}
      {'refusal' in state && (
        <Trouble
          page={page}
          refusal={state.refusal}
          isFinal={state.kind === 'refused'}
          onReopen={onReopen}
        />
      )}
      {notice !== undefined && state.kind !== 'refused' && (
        <Notice text={notice} onClose={page.dismissNotice} />
      )}
      <div className="page-body">
        <div className="page-content">
          <ErrorBoundary
            trouble={trouble}
            onError={page.cannotShow}
            fallback={<PlainPage page={page} />}
          >
            <PageEditor page={page} me={me} editable={mayWrite && !reading} />
          </ErrorBoundary>
        </div>
        {historyOpen && (
          <History
            name={page.name}
            me={me}
            mayRestore={mayWrite}
            onClose={() => setHistoryOpen(false)}
          />
        )}
      </div>
    </main>
  )
}
