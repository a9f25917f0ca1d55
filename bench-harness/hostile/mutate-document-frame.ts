import {
  createEncoder,
  toUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'
import * as Y from 'yjs'
import type { Random } from './mutate-text.ts'

/** How a Yjs client wraps its messages: bare, or behind the name of the document. */
export type Family = 'y-websocket' | 'hocuspocus'

const interesting = [0, 1, 2, 0x7f, 0x80, 0xff, 0x84, 0xc4, 0x27, 0x0a, 0x87]

/** The frames with which a client opens a document, so that what follows reaches the document. */
export function openingFrames(family: Family, document: string): readonly Uint8Array[] {
  const step1 = wrap(family, document, (encoder) => {
    writeVarUint(encoder, 0)
    writeVarUint(encoder, 0)
    writeVarUint8Array(encoder, Uint8Array.of(0))
  })
  if (family === 'y-websocket') return [step1]
  const token = wrap(family, document, (encoder) => {
    writeVarUint(encoder, 2)
    writeVarUint(encoder, 0)
    writeVarString(encoder, '')
    writeVarString(encoder, '4.8.0')
  })
  return [token, step1]
}

/** Frames that a stock client could send into a document, each well-formed. */
export function validFrames(family: Family, document: string): readonly Uint8Array[] {
  const updates = exampleUpdates()
  const sync = updates.flatMap((update) =>
    [1, 2].map((step) =>
      wrap(family, document, (encoder) => {
        writeVarUint(encoder, 0)
        writeVarUint(encoder, step)
        writeVarUint8Array(encoder, update)
      }),
    ),
  )
  const awareness = ['{"user":{"name":"Ann"},"cursor":null}', 'null', '{}'].map((state) =>
    wrap(family, document, (encoder) => {
      writeVarUint(encoder, 1)
      const entries = createEncoder()
      writeVarUint(entries, 1)
      writeVarUint(entries, 7)
      writeVarUint(entries, 3)
      writeVarString(entries, state)
      writeVarUint8Array(encoder, toUint8Array(entries))
    }),
  )
  return [...openingFrames(family, document), ...sync, ...awareness]
}

/** One of the frames, broken in one place, most of the time. */
export function mutateFrame(random: Random, frames: readonly Uint8Array[]): Uint8Array {
  const frame = frames[random(frames.length)] ?? Uint8Array.of(0)
  const bytes = [...frame]
  const at = random(bytes.length)
  switch (random(7)) {
    case 0:
      return frame
    case 1:
      for (let left = 1 + random(3); left > 0; left -= 1) bytes[random(bytes.length)] = random(256)
      break
    case 2:
      bytes[at] = interesting[random(interesting.length)] ?? 0
      break
    case 3:
      bytes.splice(at, 0, interesting[random(interesting.length)] ?? 0)
      break
    case 4:
      bytes.splice(at, 1 + random(3))
      break
    case 5:
      return frame.slice(0, at)
    default: {
      const other = frames[random(frames.length)] ?? frame
      bytes.splice(at, bytes.length, ...other.slice(random(other.length)))
    }
  }
  return Uint8Array.from(bytes)
}

/** Updates with text, formats, embeds, elements, maps, nested types and deletions in them. */
function exampleUpdates(): readonly Uint8Array[] {
  const doc = new Y.Doc()
  doc.clientID = 1_000
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => void updates.push(update))
  const text = doc.getText('t')
  text.insert(0, 'hello é中')
  text.format(1, 3, { bold: true })
  text.insertEmbed(2, { image: 'https://example.org/a.png' })
  text.delete(0, 2)
  doc.getMap('m').set('key', { deep: [true, null, 1.5] })
  doc.getMap('m').set('key', new Uint8Array([1, 2]))
  doc.getArray('a').insert(0, [1, 'two', new Y.Map([['k', 'v']])])
  const element = new Y.XmlElement('paragraph')
  element.setAttribute('align', 'left')
  element.insert(0, [new Y.XmlText('words')])
  doc.getXmlFragment('default').insert(0, [element])
  doc.getXmlFragment('default').delete(0, 1)
  return [...updates, Y.encodeStateAsUpdate(doc)]
}

function wrap(
  family: Family,
  document: string,
  write: (encoder: ReturnType<typeof createEncoder>) => void,
): Uint8Array {
  const encoder = createEncoder()
  if (family === 'hocuspocus') writeVarString(encoder, document)
  write(encoder)
  return toUint8Array(encoder)
}
