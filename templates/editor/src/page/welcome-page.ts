import type { JSONContent } from '@tiptap/core'
import type { Me } from '../people.ts'
import { documentUrl } from './versions.ts'

/**
 * Puts the first text into the page `welcome`. However many ask at once, and however often, the server does it once: into a page that
 * was never written in.
 */
export async function seedWelcome(me: Me): Promise<void> {
  try {
    await fetch(documentUrl('welcome', 'seed/json', me), {
      method: 'POST',
      body: JSON.stringify(welcome),
    })
  } catch {
    // Offline. The page is there already, or the next who opens it asks again.
  }
}

function text(...parts: readonly (string | JSONContent)[]): JSONContent[] {
  return parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part))
}

function marked(mark: string, words: string): JSONContent {
  return { type: 'text', text: words, marks: [{ type: mark }] }
}

function paragraph(...parts: readonly (string | JSONContent)[]): JSONContent {
  return { type: 'paragraph', content: text(...parts) }
}

function item(...parts: readonly (string | JSONContent)[]): JSONContent {
  return { type: 'listItem', content: [paragraph(...parts)] }
}

const welcome: JSONContent = {
  type: 'doc',
  content: [
    paragraph(
      'This page belongs to everybody who has it open. Open it in a second window, write in both, and watch the cursors.',
    ),
    { type: 'heading', attrs: { level: 2 }, content: text('Try this') },
    {
      type: 'orderedList',
      content: [
        item('Write something. ', marked('bold', 'Saved'), ' at the top means that it is on disk.'),
        item('Stop the server in the middle of a sentence, write on, and start it again.'),
        item('Open the history, look at an earlier version, and bring it back.'),
        item('Make a page of your own with + at the side, and call it what you like.'),
      ],
    },
    {
      type: 'blockquote',
      content: [
        paragraph('Nothing that was shown as saved is ever lost. That is all there is to know.'),
      ],
    },
  ],
}
