import { type ChainedCommands, type Editor, useEditorState } from '@tiptap/react'
import { useRef } from 'react'
import { Floating } from './Floating.tsx'
import { Tool } from './Tool.tsx'
import { useRovingFocus } from './use-roving-focus.ts'

const acts = [
  ['Row above', 'row-above', (chain: ChainedCommands) => chain.addRowBefore()],
  ['Row below', 'row-below', (chain: ChainedCommands) => chain.addRowAfter()],
  ['Column before', 'column-before', (chain: ChainedCommands) => chain.addColumnBefore()],
  ['Column after', 'column-after', (chain: ChainedCommands) => chain.addColumnAfter()],
  ['Header row', 'header-row', (chain: ChainedCommands) => chain.toggleHeaderRow()],
  ['Delete row', 'delete-row', (chain: ChainedCommands) => chain.deleteRow()],
  ['Delete column', 'delete-column', (chain: ChainedCommands) => chain.deleteColumn()],
  ['Delete table', 'bin', (chain: ChainedCommands) => chain.deleteTable()],
] as const

/** What can be done with the table that the cursor is in. It floats above the table. */
export function TableTools({ editor }: { editor: Editor }) {
  const toolbar = useRef<HTMLDivElement>(null)
  const moveFocus = useRovingFocus(toolbar)
  const isShown = useEditorState({ editor, selector: ({ editor: now }) => now.isActive('table') })
  if (!isShown) return null
  return (
    <Floating editor={editor} anchor={() => tableRect(editor)} side="above">
      <div
        ref={toolbar}
        className="table-tools"
        role="toolbar"
        aria-label="Table"
        onKeyDown={(event) => {
          if (event.key === 'Escape') editor.view.focus()
          else moveFocus(event)
        }}
      >
        {acts.map(([label, icon, act]) => (
          <Tool
            key={label}
            label={label}
            icon={icon}
            onUse={() => act(editor.chain().focus(undefined, { scrollIntoView: false })).run()}
          />
        ))}
      </div>
    </Floating>
  )
}

function tableRect({ view, state }: Editor): DOMRect | undefined {
  const { node } = view.domAtPos(state.selection.from)
  const element = node instanceof Element ? node : node.parentElement
  return element?.closest('.tableWrapper')?.getBoundingClientRect()
}
