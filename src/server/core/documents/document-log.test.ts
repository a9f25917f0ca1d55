import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { createMemoryStorage } from '../../storage/memory/memory-storage.ts'
import { compactSource, partsMatch, runsOf } from '../yjs/committed-updates.ts'
import type { DocumentEngine } from '../yjs/document-engine.ts'
import { compact } from './compaction.ts'
import { type DocumentLog, openDocumentLog } from './document-log.ts'
import { encodeRow, encodeStateVector, type Row } from './document-record.ts'

const channel = 'doc:notes'
const vectorOf = (client: number, clock: number): Uint8Array =>
  encodeStateVector(new Map([[client, clock]]))

/** A document's log on storage; only what a compaction takes of the engine. */
async function openLog() {
  const storage = createMemoryStorage({ epoch: 'e' })
  const engine = {
    compact: async (source) => compactSource(source, 65_536),
    matches: async (parts, source) => partsMatch(parts, source),
    runs: async (updates, pauseMs) => runsOf(updates, pauseMs),
  } satisfies Partial<DocumentEngine> as unknown as DocumentEngine
  const open = (): Promise<DocumentLog> => openDocumentLog(channel, storage, engine, false)
  const doc = new Y.Doc()
  doc.clientID = 7
  let log = await open()

  async function write(id: string, words: string, madeBy: readonly string[] = []): Promise<void> {
    const before = Y.encodeStateVector(doc)
    doc.getText('t').insert(doc.getText('t').length, words)
    const update = Y.encodeStateAsUpdate(doc, before)
    const advanced = new Map([[7, doc.getText('t').length]])
    const row: Row = { atMs: 1, author: { id }, madeBy, advanced, update }
    const { head } = log
    await storage.append([
      { kind: 'event', channel, payload: encodeRow(row), key: `${head}`, expect: head },
    ])
    log.committed(head + 1, row)
  }

  return {
    write,
    log: () => log,
    compact: () =>
      compact('notes', log, { storage, engine, limits: { documentHistoryBytesMax: 1_000_000 } }),
    reopen: async () => {
      log = await open()
    },
  }
}

test('an owner is asked from the beginning of what others sent last, and nobody else is', async () => {
  const { write, log } = await openLog()
  await write('ann', 'one ')
  expect(log().asksOf('ann')).toBeUndefined()
  await write('mallory', 'evil', ['ann'])
  await write('ann', ' on')
  expect(log().asksOf('ann')).toEqual(vectorOf(7, 4))
  expect(log().asksOf('mallory')).toBeUndefined()
  log().confirm(7, { from: 0, to: 6 })
  expect(log().asksOf('ann')).toEqual(vectorOf(7, 6))
  log().confirm(7, { from: 6, to: 8 })
  expect(log().asksOf('ann')).toBeUndefined()
})

test('nobody is asked for what was made by somebody who is not known', async () => {
  const { write, log } = await openLog()
  await write('', 'as a guest ')
  await write('importer', 'more', [''])
  await write('ann', 'and more')
  await write('bob', 'relayed', ['ann'])
  expect(log().asksOf('importer')).toBeUndefined()
  expect(log().asksOf('')).toBeUndefined()
  expect(log().asksOf('ann')).toEqual(vectorOf(7, 23))
})

test('what an owner is asked for outlives a restart, a compaction and a restart after it', async () => {
  const { write, log, compact: compactLog, reopen } = await openLog()
  await write('ann', 'one ')
  await write('mallory', 'evil', ['ann'])
  await reopen()
  expect(log().asksOf('ann')).toEqual(vectorOf(7, 4))
  await compactLog()
  expect(log().rows).toEqual([])
  expect(log().asksOf('ann')).toEqual(vectorOf(7, 4))
  await reopen()
  expect(log().asksOf('ann')).toEqual(vectorOf(7, 4))
  log().confirm(7, { from: 4, to: 8 })
  await write('ann', ' more')
  await compactLog()
  await reopen()
  expect(log().asksOf('ann')).toBeUndefined()
  log().erased(log().head, new Map([[7, 13]]))
  expect(log().asksOf('ann')).toBeUndefined()
})
