import { Extension } from '@tiptap/core'
import { isChangeOrigin } from '@tiptap/extension-collaboration'
import { Plugin } from '@tiptap/pm/state'

/**
 * Keeps an empty paragraph at the end of a page that somebody writes in, so that there is a place to go on. Opening a page must change
 * nothing: not for a reader, who may not, and not because others did.
 */
export const TrailingParagraph = Extension.create({
  name: 'trailingParagraph',
  addProseMirrorPlugins() {
    const { editor } = this
    return [
      new Plugin({
        appendTransaction(transactions, _before, { doc, schema, tr }) {
          const isOwn = transactions.some((one) => one.docChanged && !isChangeOrigin(one))
          const { paragraph } = schema.nodes
          if (!isOwn || !editor.isEditable || paragraph === undefined) return null
          if (doc.lastChild?.type === paragraph) return null
          return tr.insert(doc.content.size, paragraph.create())
        },
      }),
    ]
  },
})
