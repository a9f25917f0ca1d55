import './Prose.css'
import { Collaboration } from '@tiptap/extension-collaboration'
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret'
import { Placeholder } from '@tiptap/extensions'
import { EditorContent, useEditor } from '@tiptap/react'
import { useEffect } from 'react'
import { titleOf } from '../pages.ts'
import { cursorColour, type Me } from '../people.ts'
import { renderCaret, renderSelection } from './caret.ts'
import { contentExtensions } from './extensions.ts'
import type { OpenPage } from './open-page.ts'
import { Toolbar } from './Toolbar.tsx'

interface PageEditorProps {
  readonly page: OpenPage
  readonly me: Me
  readonly editable: boolean
}

/** The editor of a page. */
export function PageEditor({ page, me, editable }: PageEditorProps) {
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
      Collaboration.configure({ document: page.doc, fragment: page.fragment }),
      CollaborationCaret.configure({
        provider: page.provider,
        user: { id: me.id, name: me.name, color: cursorColour(me) },
        render: renderCaret,
        selectionRender: renderSelection,
      }),
    ],
  })

  useEffect(() => {
    // `false`: an update event would count as an edit.
    editor.setEditable(editable, false)
  }, [editor, editable])

  return (
    <>
      {editable && <Toolbar editor={editor} />}
      <div className="sheet">
        <EditorContent editor={editor} />
      </div>
    </>
  )
}
