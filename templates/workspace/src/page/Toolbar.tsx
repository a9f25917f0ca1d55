import './Toolbar.css'
import type { Editor } from '@tiptap/react'
import { useState } from 'react'
import { AddressForm } from './AddressForm.tsx'
import { toPictureAddress, toWebAddress } from './addresses.ts'
import { StyleSelect } from './StyleSelect.tsx'
import { TableTools } from './TableTools.tsx'
import { Tool } from './Tool.tsx'
import { ListTools, MarkTools, UndoTools } from './ToolGroups.tsx'
import { useTools } from './use-tools.ts'

/** What can be done with what is written. */
export function Toolbar({ editor }: { editor: Editor }) {
  const tools = useTools(editor)
  const [asking, setAsking] = useState<'link' | 'picture'>()
  const done = () => {
    setAsking(undefined)
    editor.commands.focus()
  }
  return (
    <div className="toolbar" role="toolbar" aria-label="Formatting">
      <UndoTools editor={editor} tools={tools} />
      <StyleSelect editor={editor} tools={tools} />
      <MarkTools editor={editor} tools={tools} />
      <ListTools editor={editor} tools={tools} />
      <div className="tool-group">
        <Tool
          icon="link"
          label="Link"
          pressed={tools.link !== undefined}
          onUse={() => setAsking('link')}
        />
        <Tool icon="picture" label="Picture" onUse={() => setAsking('picture')} />
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
      {tools.table && <TableTools editor={editor} />}
      {asking === 'link' && (
        <AddressForm
          title="Link"
          hint="The address it leads to"
          initial={tools.link ?? ''}
          problem="That is no address of the web. Use https://… or a mail address."
          parse={toWebAddress}
          onRemove={
            tools.link === undefined
              ? undefined
              : () => {
                  editor.chain().extendMarkRange('link').unsetLink().run()
                  done()
                }
          }
          onCancel={done}
          onAddress={(address) => {
            linkTo(editor, address)
            done()
          }}
        />
      )}
      {asking === 'picture' && (
        <AddressForm
          title="Picture"
          hint="The address of a picture on the web"
          initial=""
          problem="That is no address of the web. Use https://…"
          parse={toPictureAddress}
          onCancel={done}
          onAddress={(src) => {
            editor.chain().focus().setImage({ src, alt: '' }).run()
            done()
          }}
        />
      )}
    </div>
  )
}

/** Links what is selected, or puts the address where nothing is. */
function linkTo(editor: Editor, href: string): void {
  const { empty } = editor.state.selection
  if (empty && !editor.isActive('link')) {
    const marks = [{ type: 'link', attrs: { href } }]
    editor.chain().focus().insertContent({ type: 'text', text: href, marks }).run()
  } else editor.chain().focus().extendMarkRange('link').setLink({ href }).run()
}
