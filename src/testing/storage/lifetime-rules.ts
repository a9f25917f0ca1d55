import assert from 'node:assert/strict'
import type { Storage } from '../../server/storage/storage.ts'
import type { Rule } from '../rule.ts'
import {
  bytesEvent,
  eventOf,
  everyByte,
  fill,
  latestOf,
  numbersOf,
  range,
  type StorageMaker,
  withStorage,
} from './storage-maker.ts'

const closed = { code: 'STORAGE_CLOSED' }

/** How a storage ends. */
export const lifetimeRules: readonly Rule<StorageMaker>[] = [
  {
    id: 'ST29',
    says: 'Closing waits for every append that was accepted, and each gets its results.',
    async check(maker) {
      const storage = await maker.create()
      const asked = range(1, 200).map((n) => storage.append([eventOf('chat:a', n)]))
      await storage.close()
      const results = (await Promise.all(asked)).flat()
      assert.deepEqual(
        results,
        range(1, 200).map((offset) => ({ kind: 'appended', offset })),
      )
    },
  },
  {
    id: 'ST30',
    says: 'After closing every call is refused with STORAGE_CLOSED, and closing again is the same closing.',
    async check(maker) {
      const storage = await maker.create()
      await storage.append([eventOf('chat:a', 1)])
      const closing = storage.close()
      await assert.rejects(storage.append([eventOf('chat:a', 2)]), closed)
      await closing
      await assert.rejects(storage.append([]), closed)
      await assert.rejects(storage.open('chat:a'), closed)
      await assert.rejects(storage.readAfter('chat:a', 0, 1), closed)
      await assert.rejects(storage.readBefore('chat:a', 9, 1), closed)
      await assert.rejects(storage.readOne('chat:a', 1), closed)
      await assert.rejects(storage.findKey('chat:a', 'k'), closed)
      await assert.rejects(storage.readLatest('chat:a', 1), closed)
      await assert.rejects(storage.readSnapshot('chat:a'), closed)
      await assert.rejects(storage.compact('chat:a', 1), closed)
      await assert.rejects(storage.saveSnapshot('chat:a', 1, '{}'), closed)
      await assert.rejects(storage.channels('', 1), closed)
      await assert.rejects(storage.probe(), closed)
      await storage.close()
    },
  },
  {
    id: 'ST31',
    says: 'The epoch of a storage is the same for all its channels and all its life.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const { epoch } = await storage.open('chat:a')
        await fill(storage, 'chat:a', { from: 1, to: 3 })
        await storage.compact('chat:a', 3)
        assert.equal((await storage.open('chat:a')).epoch, epoch)
        assert.equal((await storage.readAfter('chat:b', 0, 1)).log.epoch, epoch)
      }),
  },
]

/** What outlives a storage. Only for those that keep something. */
export const durableRules: readonly Rule<StorageMaker>[] = [
  {
    id: 'ST32',
    says: 'What was there at closing is there at the next opening: epoch, events, erasures, begin, latest values and snapshot.',
    check: (maker) =>
      acrossReopening(maker, {
        async before(storage) {
          await fill(storage, 'chat:a', { from: 1, to: 9 })
          await storage.append([eventOf('chat:a', 10, { erase: 6 })])
          await storage.append([latestOf('chat:a', 'x', 1), latestOf('chat:a', 'y', 2)])
          await storage.append([latestOf('chat:a', 'x', 3)])
          await storage.compact('chat:a', 4, '{"at":4}')
          return storage.open('chat:a')
        },
        async after(storage, log) {
          const page = await storage.readAfter('chat:a', 0, 20)
          assert.deepEqual(page.log, log)
          assert.deepEqual(numbersOf(page.events), [5, undefined, 7, 8, 9, 10])
          assert.deepEqual(await storage.readLatest('chat:a', 10), [
            { name: 'x', payload: '{"n":3}' },
            { name: 'y', payload: '{"n":2}' },
          ])
          await storage.append([latestOf('chat:a', 'y', 4)])
          assert.equal((await storage.readLatest('chat:a', 1))[0]?.name, 'y')
          assert.deepEqual(await storage.readSnapshot('chat:a'), { offset: 4, payload: '{"at":4}' })
          assert.deepEqual(await storage.channels('', 10), ['chat:a'])
        },
      }),
  },
  {
    id: 'ST33',
    says: 'Offsets go on and keys are known after an opening as before it.',
    check: (maker) =>
      acrossReopening(maker, {
        async before(storage) {
          await fill(storage, 'chat:a', { from: 1, to: 5 })
          await storage.append([eventOf('chat:a', 6, { key: 'k', keySum: 7, erase: 5 })])
          await storage.compact('chat:a', 2)
        },
        async after(storage) {
          const results = await storage.append([
            eventOf('chat:a', 6, { key: 'k', keySum: 7 }),
            eventOf('chat:a', 6, { key: 'k', keySum: 8 }),
            eventOf('chat:a', 5, { key: 'key-5', expect: 4 }),
            eventOf('chat:a', 7, { expect: 5 }),
            eventOf('chat:a', 7, { expect: 6, key: 'key-1' }),
          ])
          assert.deepEqual(results, [
            { kind: 'duplicate', offset: 6, same: true },
            { kind: 'duplicate', offset: 6, same: false },
            { kind: 'duplicate', offset: 5, same: true },
            { kind: 'conflict', head: 6 },
            { kind: 'appended', offset: 7 },
          ])
        },
      }),
  },
  {
    id: 'ST40',
    says: 'Bytes, and a snapshot that was saved without a compaction, are there at the next opening as they were given.',
    check: (maker) =>
      acrossReopening(maker, {
        async before(storage) {
          await fill(storage, 'chat:a', { from: 1, to: 2 })
          await storage.append([
            { ...bytesEvent('chat:a', []), payload: everyByte() },
            bytesEvent('chat:a', []),
          ])
          await storage.saveSnapshot('chat:a', 3, everyByte())
          await fill(storage, 'chat:b', { from: 1, to: 1 })
          await storage.saveSnapshot('chat:b', 1, '{"at":1}')
        },
        async after(storage) {
          const { log, events } = await storage.readAfter('chat:a', 0, 10)
          assert.deepEqual([log.begin, log.head], [1, 4])
          assert.deepEqual(
            events.map(({ payload }) => payload),
            ['{"n":1}', '{"n":2}', everyByte(), new Uint8Array(0)],
          )
          const kept = { offset: 3, payload: everyByte() }
          assert.deepEqual(await storage.readSnapshot('chat:a'), kept)
          assert.deepEqual(await storage.readSnapshot('chat:b'), { offset: 1, payload: '{"at":1}' })
          await storage.saveSnapshot('chat:a', 2, '{"at":2}')
          await storage.compact('chat:a', 3)
          assert.deepEqual(await storage.readSnapshot('chat:a'), kept)
        },
      }),
  },
]

async function acrossReopening<Known>(
  maker: StorageMaker,
  {
    before,
    after,
  }: {
    readonly before: (storage: Storage) => Promise<Known>
    readonly after: (storage: Storage, known: Known) => Promise<void>
  },
): Promise<void> {
  assert.ok(maker.reopen !== undefined, 'a durable storage is checked with a reopen')
  const first = await maker.create()
  let known: Known
  try {
    known = await before(first)
  } finally {
    await first.close()
  }
  const second = await maker.reopen(first)
  try {
    await after(second, known)
  } finally {
    await second.close()
  }
}
