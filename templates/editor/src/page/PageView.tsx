import './Prose.css'
import { Collaboration } from '@tiptap/extension-collaboration'
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret'
import { Placeholder } from '@tiptap/extensions'
import { EditorContent, useEditor } from '@tiptap/react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { titleOf } from '../pages.ts'
import { cursorColour, type Me } from '../people.ts'
import { renderCaret, renderSelection } from './caret.ts'
import { contentExtensions } from './extensions.ts'
import { History } from './History.tsx'
import { Notice } from './Notice.tsx'
import type { OpenPage } from './open-page.ts'
import { PageHead } from './PageHead.tsx'
import { Toolbar } from './Toolbar.tsx'

interface PageViewProps {
  readonly page: OpenPage
  readonly me: Me
  readonly onMenu: () => void
}

/** A page: what is in it, what can be done with it, and how it is. */
export function PageView({ page, me, onMenu }: PageViewProps) {
  const { state, notice } = useSyncExternalStore(page.subscribe, page.getSnapshot)
  const [reading, setReading] = useState(false)
  const [historyOpen, setHistoryOpen] = useState(false)
  const mayWrite = state.kind !== 'read only' && state.kind !== 'refused'
  const editable = mayWrite && !reading
  const editor = useEditor({
    injectCSS: false,
    editable,
    editorProps: {
      attributes: {
        class: 'prose',
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': `Page ${titleOf(page.name)}`,
      },
    },
    extensions: [
      ...contentExtensions(),
      Placeholder.configure({ placeholder: 'Write something. Others see it as you type.' }),
      Collaboration.configure({ document: page.doc }),
      CollaborationCaret.configure({
        provider: page.provider,
        user: { id: me.id, name: me.name, color: cursorColour(me) },
        render: renderCaret,
        selectionRender: renderSelection,
      }),
    ],
  })

  useEffect(() => {
    editor.setEditable(editable)
  }, [editor, editable])

  return (
    <main className="page">
      <PageHead
        page={page}
        me={me}
        state={state}
        reading={reading}
        onReading={mayWrite ? () => setReading(!reading) : undefined}
        historyOpen={historyOpen}
        onHistory={() => setHistoryOpen(!historyOpen)}
        onMenu={onMenu}
      />
      {editable && <Toolbar editor={editor} />}
      {state.kind === 'read only' && (
        <p className="page-banner">You may read this page, and not change it.</p>
      )}
      {state.kind === 'refused' && (
        <p className="page-banner problem" role="alert">
          {state.message}{' '}
          <button type="button" className="link" onClick={() => location.reload()}>
            Reload the page
          </button>
        </p>
      )}
      {notice !== undefined && state.kind !== 'refused' && (
        <Notice text={notice} onClose={page.dismissNotice} />
      )}
      <div className="page-body">
        <div className="sheet">
          <EditorContent editor={editor} />
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
