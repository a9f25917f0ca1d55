import './Prose.css'
import { Collaboration } from '@tiptap/extension-collaboration'
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret'
import { Placeholder } from '@tiptap/extensions'
import { type Editor, EditorContent, useEditor } from '@tiptap/react'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { type PageEntry, untitled } from '../pages.ts'
import { cursorColour, type Me } from '../people.ts'
import type { Pages } from '../use-pages.ts'
import { renderCaret, renderSelection } from './caret.ts'
import { contentExtensions } from './extensions.ts'
import { LinkBubble } from './LinkBubble.tsx'
import type { OpenPage } from './open-page.ts'
import { TableTools } from './TableTools.tsx'
import { Title } from './Title.tsx'
import { Toolbar } from './Toolbar.tsx'

interface PageEditorProps {
  readonly page: OpenPage
  readonly entry: PageEntry
  readonly rename: Pages['rename']
  readonly title: RefObject<HTMLTextAreaElement | null>
  readonly me: Me
  readonly editable: boolean
}

/** The editor of a page: its title, and its text. */
export function PageEditor({ page, entry, rename, title, me, editable }: PageEditorProps) {
  const [isLinking, setLinking] = useState(false)
  const toolbar = useRef<HTMLDivElement>(null)
  const editor = useEditor({
    injectCSS: false,
    editable,
    editorProps: {
      attributes: { class: 'prose', role: 'textbox', 'aria-multiline': 'true' },
      handleKeyDown: (view, event) => {
        if (isLinkKey(event)) setLinking(true)
        else if (event.altKey && event.key === 'F10') focusTool(toolbar.current)
        else if (event.key === 'ArrowUp' && isAtStart(view.state.selection)) title.current?.focus()
        else return false
        // The search of the pages listens to Ctrl+K too.
        event.preventDefault()
        return true
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
  useEffect(() => {
    editor.view.dom.setAttribute('aria-label', `Page ${entry.title}`)
  }, [editor, entry.title])
  useFirstFocus(editor, editable, entry.title === untitled ? title : undefined)

  return (
    <>
      {editable && <Toolbar editor={editor} toolbar={toolbar} onLink={() => setLinking(true)} />}
      <div className="sheet">
        <div className="paper">
          <Title
            page={entry}
            rename={rename}
            editable={editable}
            input={title}
            onEnter={() => focusText(editor)}
          />
          <EditorContent className="paper-text" editor={editor} />
          {editable && (
            <>
              <LinkBubble editor={editor} isLinking={isLinking} onLinking={setLinking} />
              <TableTools editor={editor} />
            </>
          )}
        </div>
      </div>
    </>
  )
}

function isLinkKey({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === 'k' && (ctrlKey || metaKey) && !altKey && !shiftKey
}

function isAtStart({ empty, from }: { readonly empty: boolean; readonly from: number }): boolean {
  return empty && from <= 1
}

/**
 * Moves the focus to the start of the text at once. `commands.focus` waits for the next animation
 * frame: until then letters go into the title, and then it moves the cursor back before them.
 */
function focusText(editor: Editor): void {
  editor.commands.setTextSelection(0)
  editor.view.focus()
}

/** The tool that the tab key leads to. */
function focusTool(toolbar: HTMLElement | null): void {
  toolbar?.querySelector<HTMLElement>('[tabindex="0"]')?.focus()
}

/**
 * Focuses the text of an editable page, or the title of a new one. Does nothing on a phone, where the
 * on-screen keyboard would cover the page, or while another field has the focus.
 */
function useFirstFocus(
  editor: Editor,
  editable: boolean,
  title: RefObject<HTMLTextAreaElement | null> | undefined,
): void {
  const isDone = useRef(false)
  useEffect(() => {
    if (!editable || isDone.current) return
    isDone.current = true
    if (!matchMedia('(hover: hover)').matches || isBusy()) return
    if (title !== undefined && editor.isEmpty) title.current?.focus()
    else editor.commands.focus('start', { scrollIntoView: false })
  }, [editor, editable, title])
}

function isBusy(): boolean {
  const isTyping = document.activeElement?.matches('input, textarea, [contenteditable="true"]')
  return (
    isTyping === true || document.querySelector('dialog[open], [popover]:popover-open') !== null
  )
}
