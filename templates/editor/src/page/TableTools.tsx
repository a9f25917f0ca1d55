import type { Editor } from '@tiptap/react'

const acts = [
  ['Row below', (editor: Editor) => editor.chain().focus().addRowAfter().run()],
  ['Column after', (editor: Editor) => editor.chain().focus().addColumnAfter().run()],
  ['Delete row', (editor: Editor) => editor.chain().focus().deleteRow().run()],
  ['Delete column', (editor: Editor) => editor.chain().focus().deleteColumn().run()],
  ['Delete table', (editor: Editor) => editor.chain().focus().deleteTable().run()],
] as const

/** What can be done with the table that the cursor is in. */
export function TableTools({ editor }: { editor: Editor }) {
  return (
    <div className="tool-group table-tools">
      {acts.map(([label, act]) => (
        <button
          key={label}
          type="button"
          className="tool words"
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => act(editor)}
        >
          {label}
        </button>
      ))}
    </div>
  )
}
