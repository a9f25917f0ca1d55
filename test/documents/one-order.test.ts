import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkUpdate, loadCopy } from '../../src/server/core/yjs/check-update.ts'
import { sessionLimits } from './parts/random-session.ts'

/**
 * What the check of an update came to, and the text for those who have it from the log and from an
 * encoding.
 */
function tryText(before: readonly Uint8Array[], update: Uint8Array): readonly string[] {
  const copy = loadCopy({ owners: new Map(), parts: before, updates: [] })
  const request = { update, userId: 'ann', write: true, growthBytesMax: 1e6 }
  const { checked } = checkUpdate(copy, request, sessionLimits)
  if (checked.kind !== 'new') return [checked.kind]
  const read = (updates: readonly Uint8Array[]): string => {
    const doc = new Y.Doc()
    for (const one of updates) Y.applyUpdate(doc, one)
    return doc.getText('t').toString()
  }
  return [
    copy.doc.getText('t').toString(),
    read([...before, checked.delta]),
    read([Y.encodeStateAsUpdate(copy.doc)]),
  ]
}

// Client 1 wrote "line" in one go.
const line = Uint8Array.from([1, 1, 1, 0, 4, 1, 1, 0x74, 4, 0x6c, 0x69, 0x6e, 0x65, 0])

test('an item whose left and right neighbor are the same item follows it for every reader', () => {
  // Yjs would put it before the "e" where "line" is one struct.
  const both = Uint8Array.from([1, 1, 2, 0, 0xc4, 1, 3, 1, 3, 1, 0x21, 0])
  expect(tryText([line], both)).toEqual(['line!', 'line!', 'line!'])
})

test('an item whose right neighbor precedes its left one in a run follows it for every reader', () => {
  const crossed = Uint8Array.from([1, 1, 2, 0, 0xc4, 1, 3, 1, 1, 1, 0x21, 0])
  expect(tryText([line], crossed)).toEqual(['line!', 'line!', 'line!'])
})

test('an item between two letters that were written from the back to the front keeps both', () => {
  const doc = new Y.Doc()
  doc.clientID = 1
  doc.getText('t').insert(0, 'b')
  doc.getText('t').insert(0, 'a')
  const before = Y.encodeStateAsUpdate(doc)
  doc.getText('t').insert(1, '-')
  const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVectorFromUpdate(before))
  expect(tryText([before], update)).toEqual(['a-b', 'a-b', 'a-b'])
  const copy = loadCopy({ owners: new Map(), parts: [before], updates: [] })
  const request = { update, userId: 'ann', write: true, growthBytesMax: 1e6 }
  expect(checkUpdate(copy, request, sessionLimits).checked).toMatchObject({ delta: update })
})
