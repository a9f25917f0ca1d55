import { type Editor, useEditorState } from '@tiptap/react'

/** What is on where the cursor stands, and what can be done there. */
export interface Tools {
  readonly style: string
  readonly marks: Readonly<Record<'bold' | 'italic' | 'underline' | 'strike' | 'code', boolean>>
  readonly blocks: Readonly<
    Record<'bulletList' | 'orderedList' | 'blockquote' | 'codeBlock', boolean>
  >
  readonly isLink: boolean
  readonly table: boolean
  readonly canUndo: boolean
  readonly canRedo: boolean
}

export function useTools(editor: Editor): Tools {
  return useEditorState({
    editor,
    selector: ({ editor: now }) => ({
      style: styleOf(now),
      marks: {
        bold: now.isActive('bold'),
        italic: now.isActive('italic'),
        underline: now.isActive('underline'),
        strike: now.isActive('strike'),
        code: now.isActive('code'),
      },
      blocks: {
        bulletList: now.isActive('bulletList'),
        orderedList: now.isActive('orderedList'),
        blockquote: now.isActive('blockquote'),
        codeBlock: now.isActive('codeBlock'),
      },
      isLink: now.isActive('link'),
      table: now.isActive('table'),
      canUndo: now.can().undo(),
      canRedo: now.can().redo(),
    }),
  })
}

function styleOf(editor: Editor): string {
  for (const level of [1, 2, 3]) if (editor.isActive('heading', { level })) return `${level}`
  return 'text'
}
