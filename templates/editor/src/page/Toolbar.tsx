import './Toolbar.css'
import type { Editor } from '@tiptap/react'
import { type RefObject, useState } from 'react'
import { PictureForm } from './PictureForm.tsx'
import { StyleSelect } from './StyleSelect.tsx'
import { Tool } from './Tool.tsx'
import { ListTools, MarkTools, UndoTools } from './ToolGroups.tsx'
import { useRovingFocus } from './use-roving-focus.ts'
import { useTools } from './use-tools.ts'

interface ToolbarProps {
  readonly editor: Editor
  readonly toolbar: RefObject<HTMLDivElement | null>
  /** Asks for the address of a link. */
  readonly onLink: () => void
}

/** What can be done with what is written. Alt+F10 leads here from the text, Escape back. */
export function Toolbar({ editor, toolbar, onLink }: ToolbarProps) {
  const tools = useTools(editor)
  const [isAsking, setAsking] = useState(false)
  const moveFocus = useRovingFocus(toolbar)
  const done = () => {
    setAsking(false)
    editor.commands.focus()
  }
  return (
    <>
      <div
        ref={toolbar}
        className="toolbar"
        role="toolbar"
        aria-label="Formatting"
        onKeyDown={(event) => {
          if (event.key === 'Escape') editor.view.focus()
          else moveFocus(event)
        }}
      >
        <UndoTools editor={editor} tools={tools} />
        <StyleSelect editor={editor} tools={tools} />
        <MarkTools editor={editor} tools={tools} />
        <ListTools editor={editor} tools={tools} />
        <div className="tool-group">
          <Tool icon="link" label="Link" keys="Ctrl+K" pressed={tools.isLink} onUse={onLink} />
          <Tool icon="picture" label="Picture" onUse={() => setAsking(true)} />
          <Tool
            icon="table"
            label="Table"
            disabled={tools.table}
            onUse={() => editor.chain().focus().insertTable({ rows: 3, cols: 3 }).run()}
          />
          <Tool
            icon="line"
            label="Line"
            onUse={() => editor.chain().focus().setHorizontalRule().run()}
          />
        </div>
      </div>
      {isAsking && (
        <PictureForm
          onCancel={done}
          onPicture={(picture) => {
            editor.chain().focus().setImage(picture).run()
            done()
          }}
        />
      )}
    </>
  )
}
