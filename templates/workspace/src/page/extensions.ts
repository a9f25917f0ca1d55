import { type Extensions, getSchema } from '@tiptap/core'
import { Image } from '@tiptap/extension-image'
import { TableKit } from '@tiptap/extension-table'
import { StarterKit } from '@tiptap/starter-kit'
import { isWebAddress } from './addresses.ts'
import { SoundAttributes } from './safe/sound-attributes.ts'
import { TrailingParagraph } from './trailing-paragraph.ts'

/** What a page can consist of. Whoever adds to it: old tabs keep what they do not know, see `vocabulary`. */
export function contentExtensions(): Extensions {
  return [
    StarterKit.configure({
      // Undoing is the document's affair: everybody undoes only their own.
      undoRedo: false,
      // StarterKit's trailing node would change a page when it is opened.
      trailingNode: false,
      heading: { levels: [1, 2, 3] },
      link: {
        openOnClick: 'whenNotEditable',
        defaultProtocol: 'https',
        isAllowedUri: (address) => isWebAddress(address),
        HTMLAttributes: { rel: 'noopener noreferrer nofollow', target: '_blank' },
      },
    }),
    Image.configure({ allowBase64: false }),
    TableKit.configure({ table: { resizable: false } }),
    TrailingParagraph,
    SoundAttributes,
  ]
}

/** The names of all that this editor can show, for the server. */
export function vocabulary(): {
  readonly nodes: readonly string[]
  readonly marks: readonly string[]
} {
  const { nodes, marks } = getSchema(contentExtensions())
  return { nodes: Object.keys(nodes), marks: Object.keys(marks) }
}
