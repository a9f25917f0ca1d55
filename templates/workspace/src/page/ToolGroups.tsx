import type { Editor } from '@tiptap/react'
import { Tool } from './Tool.tsx'
import type { Tools } from './use-tools.ts'

interface GroupProps {
  readonly editor: Editor
  readonly tools: Tools
}

export function UndoTools({ editor, tools }: GroupProps) {
  return (
    <div className="tool-group">
      <Tool
        icon="undo"
        label="Undo"
        keys="Ctrl+Z"
        disabled={!tools.canUndo}
        onUse={() => editor.chain().focus().undo().run()}
      />
      <Tool
        icon="redo"
        label="Redo"
        keys="Ctrl+Shift+Z"
        disabled={!tools.canRedo}
        onUse={() => editor.chain().focus().redo().run()}
      />
    </div>
  )
}

export function MarkTools({ editor, tools: { marks } }: GroupProps) {
  return (
    <div className="tool-group">
      <Tool
        letter="B"
        letterClass="as-bold"
        label="Bold"
        keys="Ctrl+B"
        pressed={marks.bold}
        onUse={() => editor.chain().focus().toggleBold().run()}
      />
      <Tool
        letter="I"
        letterClass="as-italic"
        label="Italic"
        keys="Ctrl+I"
        pressed={marks.italic}
        onUse={() => editor.chain().focus().toggleItalic().run()}
      />
      <Tool
        letter="U"
        letterClass="as-underline"
        label="Underline"
        keys="Ctrl+U"
        pressed={marks.underline}
        onUse={() => editor.chain().focus().toggleUnderline().run()}
      />
      <Tool
        letter="S"
        letterClass="as-strike"
        label="Strike through"
        keys="Ctrl+Shift+S"
        pressed={marks.strike}
        onUse={() => editor.chain().focus().toggleStrike().run()}
      />
      <Tool
        icon="code"
        label="Code"
        keys="Ctrl+E"
        pressed={marks.code}
        onUse={() => editor.chain().focus().toggleCode().run()}
      />
    </div>
  )
}

export function ListTools({ editor, tools: { blocks } }: GroupProps) {
  return (
    <div className="tool-group">
      <Tool
        icon="bullets"
        label="Bullet list"
        keys="Ctrl+Shift+8"
        pressed={blocks.bulletList}
        onUse={() => editor.chain().focus().toggleBulletList().run()}
      />
      <Tool
        icon="numbers"
        label="Numbered list"
        keys="Ctrl+Shift+7"
        pressed={blocks.orderedList}
        onUse={() => editor.chain().focus().toggleOrderedList().run()}
      />
      <Tool
        icon="quote"
        label="Quote"
        keys="Ctrl+Shift+B"
        pressed={blocks.blockquote}
        onUse={() => editor.chain().focus().toggleBlockquote().run()}
      />
      <Tool
        icon="code-block"
        label="Code block"
        keys="Ctrl+Alt+C"
        pressed={blocks.codeBlock}
        onUse={() => editor.chain().focus().toggleCodeBlock().run()}
      />
    </div>
  )
}
