import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { compactSource, differenceOf, openingOf, partsMatch, runsOf } from './committed-updates.ts'
import { restoreUpdate, withoutUpdate } from './revert-updates.ts'
import { splitUpdate } from './split-update.ts'

/** What one of three people does: who, what, where. */
const acts = fc.array(fc.tuple(fc.nat(2), fc.nat(6), fc.nat(1_000), fc.boolean()), {
  minLength: 5,
  maxLength: 60,
})
type Acts = readonly (readonly [number, number, number, boolean])[]

/** Has three people edit, merging now and then; gives all updates in an order in which they can be applied. */
function history(of: Acts): { readonly updates: readonly Uint8Array[]; readonly doc: Y.Doc } {
  const docs = [11, 22, 33].map((client) => {
    const doc = new Y.Doc()
    doc.clientID = client
    return doc
  })
  const updates: Uint8Array[] = []
  for (const doc of docs) {
    doc.on('update', (update, origin) => origin === 'merge' || updates.push(update))
  }
  const merge = (): void => {
    for (const from of docs) {
      for (const to of docs) {
        if (to !== from) Y.applyUpdate(to, Y.encodeStateAsUpdate(from), 'merge')
      }
    }
  }
  for (const [who, what, where, merges] of of) {
    const doc = docs[who]
    if (doc !== undefined) act(doc, what, where)
    if (merges) merge()
  }
  merge()
  return { updates, doc: docs[0] ?? new Y.Doc() }
}

function act(doc: Y.Doc, what: number, where: number): void {
  const text = doc.getText('t')
  const at = where % (text.length + 1)
  const xml = doc.getXmlFragment('x')
  if (what <= 1) text.insert(at, `w${where} `)
  else if (what === 2) text.delete(at, Math.min(3, text.length - at))
  else if (what === 3) text.format(at, Math.min(2, text.length - at), { bold: true })
  else if (what === 4) doc.getMap('m').set(`k${where % 3}`, where)
  else if (what === 5) {
    const element = new Y.XmlElement('p')
    element.insert(0, [new Y.XmlText('in it')])
    xml.insert(where % (xml.length + 1), [element])
  } else doc.getArray('a').insert(0, [where, { of: where }])
}

function contentOf(doc: Y.Doc): unknown {
  return [
    doc.getText('t').toString(),
    doc.getMap('m').toJSON(),
    doc.getArray('a').toJSON(),
    doc.getXmlFragment('x').toString(),
  ]
}

function docOf(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc()
  for (const update of updates) {
    Y.applyUpdate(doc, update)
    expect(doc.store.pendingStructs).toBeNull()
    expect(doc.store.pendingDs).toBeNull()
  }
  return doc
}

describe('parts of a document', () => {
  test('can be applied one after another with nothing ever waiting, and are the document', () => {
    fc.assert(
      fc.property(acts, fc.integer({ min: 20, max: 400 }), (of, partBytes) => {
        const { updates, doc } = history(of)
        const { parts, stateVector } = openingOf(updates, partBytes)
        expect(contentOf(docOf(parts))).toEqual(contentOf(doc))
        expect(stateVector).toEqual(Y.decodeStateVector(Y.encodeStateVector(doc)))
      }),
      { numRuns: 150 },
    )
  })

  test('can be merged again, since Yjs merges only what has its clients in their order', () => {
    fc.assert(
      fc.property(acts, acts, fc.integer({ min: 20, max: 200 }), (of, more, partBytes) => {
        const { updates } = history(of)
        const source = {
          owners: new Map(),
          parts: [],
          updates: updates.map((update) => ({ userId: '', update })),
        }
        const { parts } = compactSource(source, partBytes)
        const writer = docOf(parts)
        const rows: Uint8Array[] = []
        writer.on('update', (update) => rows.push(update))
        for (const [, what, where] of more) act(writer, what, where)
        const all = [...parts, ...rows]
        expect(contentOf(docOf(openingOf(all, 100).parts))).toEqual(contentOf(writer))
        expect(contentOf(docOf(openingOf(openingOf(all, 60).parts, 400).parts))).toEqual(
          contentOf(writer),
        )
        const lacking = differenceOf(all, Y.encodeStateVector(docOf(updates)), 300)
        expect(contentOf(docOf([...updates, ...lacking]))).toEqual(contentOf(writer))
      }),
      { numRuns: 150 },
    )
  })

  test('never make a reader change anything, as half of a formatted text would', () => {
    for (const [first, second] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const ann = new Y.Doc()
      const ben = new Y.Doc()
      ann.clientID = first
      ben.clientID = second
      const updates: Uint8Array[] = []
      for (const doc of [ann, ben]) {
        doc.on('update', (update, origin) => {
          if (origin === 'net') return
          updates.push(update)
          Y.applyUpdate(doc === ann ? ben : ann, update, 'net')
        })
      }
      ann.getText('t').insert(0, 'abc def')
      ann.getText('t').format(0, 3, { bold: true })
      ann.getText('t').insert(7, 'x'.repeat(70_000))
      ben.getText('t').insert(0, 'zz ', { bold: null })
      ben.getText('t').format(0, 6, { bold: true })
      ben.getText('t').delete(3, 3)
      const source = {
        owners: new Map(),
        parts: [],
        updates: updates.map((update) => ({ userId: '', update })),
      }
      for (const parts of [openingOf(updates, 65_536).parts, compactSource(source, 65_536).parts]) {
        const reader = new Y.Doc()
        const sent: Uint8Array[] = []
        reader.on('update', (update, origin) => origin === 'net' || sent.push(update))
        reader.getText('t')
        for (const part of parts) Y.applyUpdate(reader, part, 'net')
        expect(reader.getText('t').toDelta()).toEqual(ann.getText('t').toDelta())
        expect(sent).toEqual([])
      }
    }
  })

  test('are no longer than asked for, but for what cannot be cut', () => {
    const doc = new Y.Doc()
    for (let index = 0; index < 500; index += 1) doc.getArray('a').insert(0, [`item ${index}`])
    const parts = splitUpdate(Y.encodeStateAsUpdate(doc), 1_000)
    expect(parts.length).toBeGreaterThan(5)
    for (const part of parts) expect(part.length).toBeLessThan(1_200)
  })

  test('lack nothing for somebody who has any part of the history, and hold little else', () => {
    fc.assert(
      fc.property(acts, fc.nat(60), (of, known) => {
        const { updates, doc } = history(of)
        const reader = docOf(updates.slice(0, known))
        const lacking = differenceOf(updates, Y.encodeStateVector(reader), 500)
        for (const update of lacking) Y.applyUpdate(reader, update)
        expect(contentOf(reader)).toEqual(contentOf(doc))
      }),
      { numRuns: 100 },
    )
  })

  test('are all of them for somebody whose state vector cannot be read', () => {
    const { updates, doc } = history([[0, 0, 1, true]])
    for (const bad of [
      [5, 1],
      [255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
      [1, 11, 1, 7],
    ]) {
      const lacking = differenceOf(updates, Uint8Array.from(bad), 500)
      expect(contentOf(docOf(lacking))).toEqual(contentOf(doc))
    }
  })
})

describe('a compacted document', () => {
  test('is the same document, knows whose each client id is, and another is told from it', () => {
    fc.assert(
      fc.property(acts, (of) => {
        const { updates, doc } = history(of)
        const source = {
          owners: new Map([[11, 'ann']]),
          parts: [],
          updates: updates.map((update) => ({ userId: 'ben', update })),
        }
        const made = compactSource(source, 300)
        expect(contentOf(docOf(made.parts))).toEqual(contentOf(doc))
        expect(made.owners.get(11)).toBe('ann')
        if (made.stateVector.has(22)) expect(made.owners.get(22)).toBe('ben')
        expect(partsMatch(made.parts, source)).toBe(true)
        const other = docOf(made.parts)
        other.getText('t').insert(0, 'more')
        expect(partsMatch([Y.encodeStateAsUpdate(other)], source)).toBe(false)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a history', () => {
  test('takes a document back to any of its versions, also when its readers let go of what was deleted', () => {
    fc.assert(
      fc.property(acts, fc.nat(60), (of, version) => {
        const { updates } = history(of)
        const through = Math.min(version, updates.length)
        const reader = docOf(updates)
        const update = restoreUpdate(updates, through)
        if (update !== undefined) Y.applyUpdate(reader, update)
        expect(contentOf(reader)).toEqual(contentOf(docOf(updates.slice(0, through))))
      }),
      { numRuns: 100 },
    )
  })

  test('takes back what one wrote and deleted, and leaves what others wrote', () => {
    const doc = new Y.Doc()
    const updates: { userId: string; update: Uint8Array }[] = []
    let userId = 'ann'
    doc.on('update', (update) => updates.push({ userId, update }))
    const text = doc.getText('t')
    text.insert(0, 'hello world')
    userId = 'mallory'
    text.delete(0, 6)
    text.insert(0, 'BAD ')
    userId = 'ann'
    text.insert(text.length, '!')
    const reader = docOf(updates.map(({ update }) => update))
    expect(reader.getText('t').toString()).toBe('BAD world!')
    Y.applyUpdate(reader, withoutUpdate(updates, 'mallory') ?? new Uint8Array([0, 0]))
    expect(reader.getText('t').toString()).toBe('hello world!')
    expect(withoutUpdate(updates, 'nobody')).toBeUndefined()
  })

  test('joins what one wrote without a pause, and loses nothing of it', () => {
    const { updates, doc } = history([0, 1, 2, 3, 4, 5].map((index) => [0, 0, index, true]))
    const dated = updates.map((update, index) => ({
      userId: index < 3 ? 'ann' : 'ben',
      atMs: index === 5 ? 90_000 : index * 1_000,
      update,
    }))
    const runs = runsOf(dated, 20_000)
    expect(runs.map(({ userId, edits, toMs }) => [userId, edits, toMs])).toEqual([
      ['ann', 3, 2_000],
      ['ben', 2, 4_000],
      ['ben', 1, 90_000],
    ])
    expect(contentOf(docOf(runs.map(({ update }) => update)))).toEqual(contentOf(doc))
  })
})
