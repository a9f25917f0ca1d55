import * as Y from 'yjs'

export type Random = (limit: number) => number

/** A document as several people wrote it, and an honest update that one of them sends next. */
export interface Situation {
  readonly committed: readonly Uint8Array[]
  readonly next: Uint8Array
  /** Another honest update, from another document, to splice with. */
  readonly foreign: Uint8Array
}

/** Makes a document with everything in it that Yjs has, and an update for it. */
export function makeSituation(random: Random): Situation {
  const docs = [1_001, 1_002, 77].map((client) => {
    const doc = new Y.Doc()
    doc.clientID = client
    return doc
  })
  const committed: Uint8Array[] = []
  for (const doc of docs)
    doc.on('update', (update, origin) => origin === 'sync' || committed.push(update))
  for (let round = 0; round < 3 + random(4); round += 1) {
    for (const doc of docs) {
      if (random(3) > 0) edit(doc, random)
      for (const other of docs)
        if (other !== doc) Y.applyUpdate(other, Y.encodeStateAsUpdate(doc), 'sync')
    }
  }
  const [writer = new Y.Doc(), other = new Y.Doc()] = docs
  const before = Y.encodeStateVector(writer)
  edit(writer, random)
  if (random(2) === 0) edit(writer, random)
  committed.splice(committed.length - count(writer, before, committed))
  return {
    committed,
    next: Y.encodeStateAsUpdate(writer, before),
    foreign: Y.encodeStateAsUpdate(other),
  }
}

/** How many of the last updates came after a state vector: those that the next update will say again. */
function count(writer: Y.Doc, before: Uint8Array, committed: readonly Uint8Array[]): number {
  const known = Y.decodeStateVector(before).get(writer.clientID) ?? 0
  let later = 0
  for (const update of [...committed].reverse()) {
    const { from, to } = Y.parseUpdateMeta(update)
    const isLater =
      (to.get(writer.clientID) ?? 0) > known && (from.get(writer.clientID) ?? -1) >= known
    if (!isLater) break
    later += 1
  }
  return later
}

function edit(doc: Y.Doc, random: Random): void {
  doc.transact(() => {
    for (let left = 1 + random(4); left > 0; left -= 1) editOnce(doc, random)
  })
}

function editOnce(doc: Y.Doc, random: Random): void {
  const text = doc.getText('t')
  const array = doc.getArray('a')
  const xml = doc.getXmlFragment('x')
  switch (random(10)) {
    case 0:
      return text.insert(
        random(text.length + 1),
        ['a', 'hello ', 'é中', 'line\n'][random(4)] ?? 'a',
      )
    case 1:
      return text.length > 1 ? text.delete(random(text.length - 1), 1) : undefined
    case 2:
      return text.length > 2
        ? text.format(random(text.length - 1), 1, { bold: random(2) === 0 ? true : null })
        : undefined
    case 3:
      return text.insertEmbed(random(text.length + 1), { image: 'https://example.org/a.png' })
    case 4:
      return void doc
        .getMap('m')
        .set(
          `key${random(3)}`,
          [1, 'two', null, { deep: [true] }, 1.5, new Uint8Array([1, 2])][random(6)],
        )
    case 5:
      return array.insert(random(array.length + 1), [random(100), 'item', { a: 1 }])
    case 6:
      return array.length > 1 ? array.delete(random(array.length - 1), 1) : undefined
    case 7:
      return array.insert(0, [new Y.Map([['k', 'v']])])
    case 8: {
      const element = new Y.XmlElement('paragraph')
      element.setAttribute('align', 'left')
      element.insert(0, [new Y.XmlText('words')])
      return xml.insert(random(xml.length + 1), [element])
    }
    default:
      return xml.length > 1 ? xml.delete(random(xml.length - 1), 1) : undefined
  }
}

const telling = [0, 1, 2, 0x7f, 0x80, 0xff, 0x84, 0xc4, 0x27, 0x0a, 0x87]

/** An honest update with something wrong about it, most of the time. */
export function mutateUpdate(random: Random, { next, foreign, committed }: Situation): Uint8Array {
  const bytes = [...next]
  const at = random(Math.max(1, bytes.length))
  switch (random(9)) {
    case 0:
      return next
    case 1:
      for (let left = 1 + random(3); left > 0; left -= 1) bytes[random(bytes.length)] = random(256)
      break
    case 2:
      bytes[at] = telling[random(telling.length)] ?? 0
      break
    case 3:
      bytes.splice(at, 0, telling[random(telling.length)] ?? 0)
      break
    case 4:
      bytes.splice(at, 1 + random(3))
      break
    case 5:
      return next.slice(0, at)
    case 6:
      bytes.splice(at, bytes.length, ...foreign.slice(random(foreign.length)))
      break
    case 7:
      // One more or one less, where numbers mostly are small.
      bytes[at] = Math.max(0, ((bytes[at] ?? 0) + (random(2) === 0 ? 1 : -1)) % 256)
      break
    default: {
      const old = committed[random(Math.max(1, committed.length))] ?? next
      bytes.splice(at, 1 + random(4), ...old.slice(random(old.length), random(old.length)))
    }
  }
  return Uint8Array.from(bytes)
}
