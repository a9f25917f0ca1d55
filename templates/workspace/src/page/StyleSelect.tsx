import type { Editor } from '@tiptap/react'
import type { Tools } from './use-tools.ts'

interface StyleSelectProps {
  readonly editor: Editor
  readonly tools: Tools
}

/** Text, or a heading of three sizes. */
export function StyleSelect({ editor, tools }: StyleSelectProps) {
  const choose = (style: string) => {
    const chain = editor.chain().focus()
    if (style === 'text') chain.setParagraph().run()
    else chain.setHeading({ level: Number(style) as 1 | 2 | 3 }).run()
  }
  return (
    <div className="tool-group">
      <select
        className="style-select"
        aria-label="Style"
        value={tools.style}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="text">Text</option>
        <option value="1">Heading 1</option>
        <option value="2">Heading 2</option>
        <option value="3">Heading 3</option>
      </select>
    </div>
  )
}
