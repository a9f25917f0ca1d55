import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkUpdate, loadCopy } from './check-update.ts'
import type { CheckRequest, EngineLimits } from './document-engine.ts'

const limits: EngineLimits = {
  updateStructsMax: 1_000,
  updateDeletesMax: 1_000,
  updateLengthMax: 10_000,
  subdocumentsMax: 10,
  checkMs: 1_000,
  checkMsPerKb: 1,
  taskMs: 1_000,
  loadedBytesMax: 1_000_000,
  partBytesMax: 65_536,
}

/** What client 7 has written that says this. */
function written(words: string): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = 7
  doc.getText('t').insert(0, words)
  return Y.encodeStateAsUpdate(doc)
}

/**
 * What comes of an update by ann in a document where she wrote 'one ' as client 7, and bob went on.
 */
function check(update: Uint8Array, more: Partial<CheckRequest>) {
  const copy = loadCopy({
    owners: new Map(),
    parts: [],
    updates: [
      { userId: 'ann', update: written('one ') },
      { userId: 'bob', madeBy: ['ann'], update: written('one two ') },
    ],
  })
  const request = { userId: 'ann', write: true, growthBytesMax: 10_000, ...more, update }
  return checkUpdate(copy, request, limits).checked
}

test('what the page of an owner repeats of its own is said, beside what is new', () => {
  expect(check(written('one two '), { client: 7 })).toEqual({
    kind: 'nothing new',
    kept: 0,
    repeated: { client: 7, from: 0, to: 8 },
  })
  expect(check(written('one two three'), { client: 7 })).toMatchObject({
    kind: 'new',
    repeated: { client: 7, from: 0, to: 8 },
  })
})

test('what another user, another page or a reader repeats confirms nothing', () => {
  for (const more of [
    {},
    { client: 8 },
    { client: 7, userId: 'bob' },
    { client: 7, write: false },
  ]) {
    const checked = check(written('one two '), more)
    expect(checked).toEqual({ kind: 'nothing new', kept: 0 })
  }
})

test('what differs is refused, and confirms nothing', () => {
  const checked = check(written('one ten '), { client: 7 })
  expect(checked).toMatchObject({ kind: 'refused', fault: 'CLIENT_ID_TAKEN' })
  expect(checked).not.toHaveProperty('repeated')
})
