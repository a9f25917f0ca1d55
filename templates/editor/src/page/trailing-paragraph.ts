import { Extension } from '@tiptap/core'
import { isChangeOrigin } from '@tiptap/extension-collaboration'
import { Plugin } from '@tiptap/pm/state'

/**
 * Keeps an empty paragraph at the end of a page while the user edits it. Opening a page, or a
 * change by another user, must not add one: readers may not write.
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
