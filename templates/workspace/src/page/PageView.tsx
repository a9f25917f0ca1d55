import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { ErrorBoundary } from '../ErrorBoundary.tsx'
import type { Me } from '../people.ts'
import type { Pages } from '../use-pages.ts'
import { DeletedNotice } from './DeletedNotice.tsx'
import { History } from './History.tsx'
import { Notice } from './Notice.tsx'
import type { OpenPage } from './open-page.ts'
import { PageEditor } from './PageEditor.tsx'
import { PageHead } from './PageHead.tsx'
import { isWritable, withTitle } from './page-state.ts'
import { PlainPage } from './safe/PlainPage.tsx'
import { Trouble } from './Trouble.tsx'

interface PageViewProps {
  readonly page: OpenPage
  readonly pages: Pages
  readonly me: Me
  readonly onMenu: () => void
  /** Reopens the page with a new local copy. */
  readonly onReopen: () => void
}

/** A page: what is in it, what can be done with it, and how it is. */
export function PageView({ page, pages, me, onMenu, onReopen }: PageViewProps) {
  const {
    state: textState,
    notice,
    trouble,
  } = useSyncExternalStore(page.subscribe, page.getSnapshot)
  const [reading, setReading] = useState(false)
  const [historyOpen, setHistoryOpen] = useState(false)
  const title = useRef<HTMLTextAreaElement>(null)
  const historyButton = useRef<HTMLButtonElement>(null)
  const { current: entry, currentDeleted: deleted } = pages
  const state = withTitle(textState, pages.isSavingTitle)
  const mayWrite = isWritable(state) && deleted === undefined
  const isShown = trouble === undefined
  const editable = mayWrite && !reading

  const { list } = pages
  const isListed = useRef(false)
  useEffect(() => {
    if (isListed.current || !mayWrite || state.kind === 'offline') return
    isListed.current = list()
  }, [mayWrite, state.kind, list])

  return (
    <main className="page">
      <PageHead
        page={page}
        entry={entry}
        me={me}
        state={deleted !== undefined && state.kind === 'saved' ? { kind: 'read only' } : state}
        reading={reading}
        onReading={mayWrite && isShown ? () => setReading(!reading) : undefined}
        historyOpen={historyOpen}
        historyButton={historyButton}
        onHistory={() => setHistoryOpen(!historyOpen)}
        onMenu={onMenu}
        onRename={editable && isShown ? () => selectAll(title.current) : undefined}
        onDelete={mayWrite ? () => pages.remove(entry) : undefined}
      />
      {state.kind === 'read only' && deleted === undefined && (
        <p className="page-banner">You can read this page but not change it.</p>
      )}
      {deleted !== undefined && !('refusal' in state) && (
        <DeletedNotice
          page={deleted}
          next={pages.pages[0]?.id ?? 'welcome'}
          onRestore={() => pages.restore(deleted)}
        />
      )}
      {'refusal' in state && (
        <Trouble
          page={page}
          title={entry.title}
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
            fallback={<PlainPage page={page} title={entry.title} />}
          >
            <PageEditor
              page={page}
              entry={entry}
              rename={pages.rename}
              title={title}
              me={me}
              editable={editable}
            />
          </ErrorBoundary>
        </div>
        {historyOpen && (
          <History
            name={page.name}
            title={entry.title}
            me={me}
            mayRestore={mayWrite}
            onClose={() => {
              setHistoryOpen(false)
              historyButton.current?.focus()
            }}
          />
        )}
      </div>
    </main>
  )
}

function selectAll(input: HTMLTextAreaElement | null): void {
  input?.focus()
  input?.select()
}
