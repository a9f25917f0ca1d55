import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkUpdate, loadCopy } from './check-update.ts'
import { scanUpdate } from './scan-update.ts'
import { UpdateRefused } from './update-reader.ts'

const limits = { updateStructsMax: 1_000, updateDeletesMax: 1_000, updateLengthMax: 1_000_000 }
const scan = (bytes: readonly number[]) => scanUpdate(Uint8Array.from(bytes), limits)

describe('an update in format 1', () => {
  test('is read to the byte', () => {
    // Client 1 inserts "a" into the text "t".
    expect(scan([1, 1, 1, 0, 4, 1, 1, 0x74, 1, 0x61, 0])).toEqual({
      clients: [{ client: 1, from: 0, to: 1 }],
      deletes: [],
      references: new Map(),
      deletesAt: 10,
      ends: undefined,
      folded: [],
      hasSkips: false,
      structs: 1,
    })
    // Client 300 appends "bc" behind clock 4 of client 1, and clocks 2 and 3 of client 1 are deleted.
    expect(scan([1, 1, 0xac, 2, 0, 0x84, 1, 4, 2, 0x62, 0x63, 1, 1, 1, 2, 2])).toMatchObject({
      clients: [{ client: 300, from: 0, to: 2 }],
      deletes: [{ client: 1, clock: 2, length: 2 }],
      references: new Map([[1, 4]]),
    })
    // Client 1 adds the subdocument "a" with {gc: false} to the list "t".
    const subdocument = [1, 1, 1, 0, 9, 1, 1, 0x74, 1, 0x61, 118, 1, 2, 0x67, 0x63, 121, 0]
    expect(scan(subdocument)).toMatchObject({ clients: [{ client: 1, from: 0, to: 1 }] })
    expect(scan([0, 0])).toMatchObject({ clients: [], deletes: [] })
  })

  test.each([
    ['nothing', []],
    ['bytes left over', [0, 0, 0]],
    ['more clients than there are bytes', [200, 1, 0]],
    ['more structs than there are bytes', [1, 100, 1, 0, 0]],
    ['a client twice', [2, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0]],
    ['a number without end', [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]],
    ['a struct of no length', [1, 1, 1, 0, 0, 0, 0]],
    ['a struct of no known kind', [1, 1, 1, 0, 0x1f, 1, 1, 0x74, 0]],
    ['a subdocument without options', [1, 1, 1, 0, 9, 1, 1, 0x74, 1, 0x61, 125, 0, 0]],
    [
      'a subdocument with an unknown option',
      [1, 1, 1, 0, 9, 1, 1, 0x74, 1, 0x61, 118, 1, 1, 0x62, 120, 0],
    ],
    [
      'a subdocument with a wrong option',
      [1, 1, 1, 0, 9, 1, 1, 0x74, 1, 0x61, 118, 1, 2, 0x67, 0x63, 126, 0],
    ],
    ['a text that is not UTF-8', [1, 1, 1, 0, 4, 1, 1, 0x74, 1, 0xff, 0]],
    ['a text longer than the update', [1, 1, 1, 0, 4, 1, 1, 0x74, 90, 0x61, 0]],
    ['a struct that refers to itself', [1, 1, 1, 0, 0x84, 1, 0, 1, 0x61, 0]],
    ['an embed that is no JSON', [1, 1, 1, 0, 5, 1, 1, 0x74, 1, 0x7b, 0]],
    ['a range that deletes nothing', [0, 1, 1, 1, 5, 0]],
    ['clocks beyond all bounds', [1, 1, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x7f, 0]],
  ])('is refused with %s', (_what, bytes) => {
    expect(() => scan(bytes)).toThrow(UpdateRefused)
  })

  test('is refused beyond its bounds, and costs no more than its bytes to refuse', () => {
    const deep = `${'['.repeat(600)}${']'.repeat(600)}`
    const text = [...Buffer.from(deep)]
    expect(() => scan([1, 1, 1, 0, 5, 1, 1, 0x74, 0xb0, 9, ...text, 0])).toThrow(/nested/)
    const many = Array.from({ length: 1_001 }, () => [0, 1]).flat()
    expect(() => scan([1, 0xe9, 7, 1, 0, ...many, 0])).toThrow(/more than \d+ structs/)
  })

  test('is read or refused whatever its bytes are, and never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          scanUpdate(bytes, limits)
        } catch (error) {
          expect(error).toBeInstanceOf(UpdateRefused)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

test('no honest update is refused, whatever was undone, redone, formatted and merged late', () => {
  const act = fc.tuple(fc.nat(2), fc.nat(11), fc.nat(1_000), fc.nat(4))
  fc.assert(
    fc.property(fc.array(act, { minLength: 20, maxLength: 80 }), (acts) => {
      const world = createWorld()
      for (const [who, what, where, delivery] of acts) {
        world.act(who, what, where)
        if (delivery === 0) world.deliver(who)
        if (delivery === 1) world.mergeAll(who)
      }
      expect(world.refused).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('types nested without end are refused, since whoever reads them goes down by recursion', () => {
  const doc = new Y.Doc()
  let inner = doc.getArray('a')
  for (let depth = 0; depth < 1_000; depth += 1) {
    const next = new Y.Array<unknown>()
    inner.insert(0, [next])
    inner = next
  }
  const copy = loadCopy({ owners: new Map(), parts: [], updates: [] })
  const request = {
    update: Y.encodeStateAsUpdate(doc),
    userId: 'u',
    write: true,
    growthBytesMax: 1e9,
  }
  const full = {
    ...limits,
    updateStructsMax: 50_000,
    subdocumentsMax: 10_000,
    checkMs: 1,
    checkMsPerKb: 0,
    taskMs: 1,
    loadedBytesMax: 1e9,
    partBytesMax: 65_536,
  }
  expect(checkUpdate(copy, request, full).checked).toMatchObject({ fault: 'BAD_UPDATE' })
})

/** Three people, and the check between them. */
function createWorld() {
  const full = {
    ...limits,
    updateStructsMax: 50_000,
    subdocumentsMax: 10_000,
    checkMs: 1,
    checkMsPerKb: 0,
    taskMs: 1,
    loadedBytesMax: 1e9,
    partBytesMax: 65_536,
  }
  const copy = loadCopy({ owners: new Map(), parts: [], updates: [] })
  const refused: unknown[] = []
  const people = [0, 1, 2].map(() => {
    const doc = new Y.Doc()
    const roots = [doc.getText('t'), doc.getXmlFragment('x'), doc.getMap('m'), doc.getArray('a')]
    const sent: Uint8Array[] = []
    const undo = new Y.UndoManager(roots, { captureTimeout: 0 })
    doc.on('update', (update, origin) => origin === 'net' || sent.push(update))
    return { doc, undo, sent }
  })

  function send(who: number, update: Uint8Array): void {
    const request = { update, userId: 'u', write: true, growthBytesMax: 1e9 }
    const { checked } = checkUpdate(copy, request, full)
    if (checked.kind === 'refused') refused.push(checked)
    if (checked.kind !== 'new') return
    for (const [other, { doc }] of people.entries()) {
      if (other !== who) Y.applyUpdate(doc, checked.delta, 'net')
    }
  }

  return {
    refused,
    act(who: number, what: number, where: number): void {
      const person = people[who]
      if (person === undefined) return
      const text = person.doc.getText('t')
      const xml = person.doc.getXmlFragment('x')
      const array = person.doc.getArray('a')
      const at = where % (text.length + 1)
      const child = xml.length > 0 ? xml.get(where % xml.length) : undefined
      if (what <= 2) text.insert(at, 'abc')
      else if (what === 3) text.delete(at, Math.min(2, text.length - at))
      else if (what === 4)
        text.format(at, Math.min(3, text.length - at), { bold: where % 2 === 0 ? true : null })
      else if (what === 5) person.doc.getMap('m').set(`k${where % 3}`, where)
      else if (what === 6) xml.insert(where % (xml.length + 1), [new Y.XmlElement('p')])
      else if (what === 7 && xml.length > 0) xml.delete(where % xml.length, 1)
      else if (what === 8 && child instanceof Y.XmlElement) child.insert(0, [new Y.XmlText('yo')])
      else if (what === 9) array.insert(where % (array.length + 1), [1, new Y.Map([['q', 1]])])
      else if (what === 10) person.undo.undo()
      else if (what === 11) person.undo.redo()
    },
    deliver(who: number): void {
      for (const update of people[who]?.sent.splice(0) ?? []) send(who, update)
    },
    mergeAll(who: number): void {
      const person = people[who]
      if (person === undefined) return
      person.sent.length = 0
      send(who, Y.encodeStateAsUpdate(person.doc, Y.encodeStateVector(copy.doc)))
    },
  }
}
