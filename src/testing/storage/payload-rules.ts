import assert from 'node:assert/strict'
import type { Payload } from '../../server/storage/storage.ts'
import type { Rule } from '../rule.ts'
import { fill, range, type StorageMaker, withStorage } from './storage-maker.ts'

const channel = 'doc:a'
const everyByte = Uint8Array.from(range(0, 255))
const payloads: readonly Payload[] = [
  everyByte,
  new Uint8Array(0),
  '{"text":"é"}',
  Uint8Array.of(0),
  Uint8Array.of(0xff, 0, 0x7b),
  new Uint8Array(1024 * 1024).fill(7),
  '{}',
]

/** Payloads that are bytes, snapshots that are kept before anything is removed, and pages bounded by bytes. */
export const payloadRules: readonly Rule<StorageMaker>[] = [
  {
    id: 'ST32',
    says: 'A payload comes back as it went in: text as text, and bytes as the same bytes, also none and a million.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await storage.append(payloads.map((payload) => ({ kind: 'event', channel, payload })))
        const { events } = await storage.readAfter(channel, 0, payloads.length)
        assert.deepEqual(
          events.map(({ payload }) => plain(payload)),
          payloads,
        )
        assert.deepEqual(plain((await storage.readOne(channel, 1))?.payload), everyByte)
      }),
  },
  {
    id: 'ST33',
    says: 'A page bounded by bytes ends before the event that would go beyond them, and has at least one event.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const sizes = [100, 200, 300, 4_000, 50]
        await storage.append(
          sizes.map((size) => ({ kind: 'event', channel, payload: new Uint8Array(size) })),
        )
        const read = async (after: number, bytesMax: number) =>
          (await storage.readAfter(channel, after, 10, bytesMax)).events.map(({ offset }) => offset)
        assert.deepEqual(await read(0, 350), [1, 2])
        assert.deepEqual(await read(2, 350), [3])
        assert.deepEqual(await read(3, 350), [4])
        assert.deepEqual(await read(4, 350), [5])
        assert.deepEqual(await read(0, 1), [1])
        assert.deepEqual(await read(0, 1_000_000), [1, 2, 3, 4, 5])
      }),
  },
  {
    id: 'ST34',
    says: 'Saving a snapshot removes nothing; a compaction without one keeps it.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, channel, { from: 1, to: 10 })
        await storage.saveSnapshot(channel, 6, everyByte)
        assert.equal((await storage.open(channel)).begin, 1)
        await storage.compact(channel, 6)
        const kept = await storage.readSnapshot(channel)
        assert.deepEqual(
          { ...kept, payload: plain(kept?.payload) },
          { offset: 6, payload: everyByte },
        )
        assert.equal((await storage.open(channel)).begin, 7)
      }),
  },
  {
    id: 'ST35',
    says: 'Of snapshots the newest stays; one beyond the head stands at the head, and one of an empty log is dropped.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await storage.saveSnapshot(channel, 3, everyByte)
        assert.equal(await storage.readSnapshot(channel), undefined)
        await fill(storage, channel, { from: 1, to: 5 })
        await storage.saveSnapshot(channel, 4, '{"at":4}')
        await storage.saveSnapshot(channel, 3, '{"at":3}')
        await storage.saveSnapshot(channel, 0, '{"at":0}')
        assert.deepEqual(await storage.readSnapshot(channel), { offset: 4, payload: '{"at":4}' })
        await storage.saveSnapshot(channel, 99, '{"at":5}')
        assert.deepEqual(await storage.readSnapshot(channel), { offset: 5, payload: '{"at":5}' })
      }),
  },
]

/** A keeper may give a Buffer, which is a Uint8Array and compares as something else. */
function plain(payload: Payload | undefined): Payload | undefined {
  return payload instanceof Uint8Array ? new Uint8Array(payload) : payload
}
