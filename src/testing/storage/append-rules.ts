import assert from 'node:assert/strict'
import type { Rule } from '../rule.ts'
import { eventOf, fill, latestOf, range, type StorageMaker, withStorage } from './storage-maker.ts'

/** What becomes of the items of an append. */
export const appendRules: readonly Rule<StorageMaker>[] = [
  {
    id: 'ST1',
    says: 'The first event of a channel has offset 1, and each further one the next offset.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        assert.deepEqual(await storage.append([eventOf('chat:a', 1)]), [
          { kind: 'appended', offset: 1 },
        ])
        const more = await storage.append([eventOf('chat:a', 2), eventOf('chat:a', 3)])
        assert.deepEqual(more, [
          { kind: 'appended', offset: 2 },
          { kind: 'appended', offset: 3 },
        ])
      }),
  },
  {
    id: 'ST2',
    says: 'An append gives one result for each item, in the order of the items; channels count for themselves.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const results = await storage.append([
          eventOf('chat:a', 1),
          eventOf('chat:b', 1),
          latestOf('chat:a', 'topic', 1),
          eventOf('chat:a', 2, { key: 'k' }),
          eventOf('chat:a', 2, { key: 'k' }),
          eventOf('chat:b', 2, { expect: 7 }),
        ])
        assert.deepEqual(results, [
          { kind: 'appended', offset: 1 },
          { kind: 'appended', offset: 1 },
          { kind: 'kept' },
          { kind: 'appended', offset: 2 },
          { kind: 'duplicate', offset: 2, same: true },
          { kind: 'conflict', head: 1 },
        ])
      }),
  },
  {
    id: 'ST3',
    says: 'An append of nothing gives no result and is no fault.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        assert.deepEqual(await storage.append([]), [])
      }),
  },
  {
    id: 'ST4',
    says: 'A key that the log has gives the first position and appends nothing.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await storage.append([
          eventOf('chat:a', 1),
          eventOf('chat:a', 2, { key: 'k', keySum: 7 }),
          eventOf('chat:a', 3),
        ])
        const again = await storage.append([eventOf('chat:a', 9, { key: 'k', keySum: 7 })])
        assert.deepEqual(again, [{ kind: 'duplicate', offset: 2, same: true }])
        assert.equal((await storage.open('chat:a')).head, 3)
      }),
  },
  {
    id: 'ST5',
    says: 'A key that the log has with another keySum, or with none, is a duplicate that is not the same.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await storage.append([eventOf('chat:a', 1, { key: 'k', keySum: 7 })])
        const again = await storage.append([
          eventOf('chat:a', 1, { key: 'k', keySum: 8 }),
          eventOf('chat:a', 1, { key: 'k' }),
        ])
        assert.deepEqual(again, [
          { kind: 'duplicate', offset: 1, same: false },
          { kind: 'duplicate', offset: 1, same: false },
        ])
      }),
  },
  {
    id: 'ST6',
    says: 'A key counts within its channel only.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const results = await storage.append([
          eventOf('chat:a', 1, { key: 'k' }),
          eventOf('chat:b', 1, { key: 'k' }),
        ])
        assert.deepEqual(results, [
          { kind: 'appended', offset: 1 },
          { kind: 'appended', offset: 1 },
        ])
      }),
  },
  {
    id: 'ST7',
    says: 'An event that expects another head is a conflict that names the head, and appends nothing.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, 'chat:a', { from: 1, to: 3 })
        const results = await storage.append([
          eventOf('chat:a', 4, { expect: 2 }),
          eventOf('chat:a', 4, { expect: 3 }),
          eventOf('chat:a', 5, { expect: 3 }),
          eventOf('chat:a', 5, { expect: 5 }),
        ])
        assert.deepEqual(results, [
          { kind: 'conflict', head: 3 },
          { kind: 'appended', offset: 4 },
          { kind: 'conflict', head: 4 },
          { kind: 'conflict', head: 4 },
        ])
        assert.deepEqual(await storage.append([eventOf('chat:new', 1, { expect: 0 })]), [
          { kind: 'appended', offset: 1 },
        ])
      }),
  },
  {
    id: 'ST8',
    says: 'A retry of what was appended is a duplicate, not a conflict, however far the log has gone on since.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const first = eventOf('chat:a', 1, { key: 'k', expect: 0 })
        await storage.append([first])
        await fill(storage, 'chat:a', { from: 2, to: 5 })
        assert.deepEqual(await storage.append([first]), [
          { kind: 'duplicate', offset: 1, same: true },
        ])
      }),
  },
  {
    id: 'ST9',
    says: 'A conflict or duplicate leaves the other items of its append as they are.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await storage.append([eventOf('chat:a', 1, { key: 'k' })])
        const results = await storage.append([
          eventOf('chat:a', 2),
          eventOf('chat:a', 9, { expect: 9 }),
          eventOf('chat:a', 3),
          eventOf('chat:a', 9, { key: 'k' }),
          eventOf('chat:a', 4),
        ])
        assert.deepEqual(
          results.map(({ kind }) => kind),
          ['appended', 'conflict', 'appended', 'duplicate', 'appended'],
        )
        const { events } = await storage.readAfter('chat:a', 0, 10)
        assert.deepEqual(
          events.map(({ payload }) => payload),
          range(1, 4).map((n) => `{"n":${n}}`),
        )
      }),
  },
  {
    id: 'ST10',
    says: 'Appends that are asked for without waiting are committed in the order in which they were asked for.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const asked = range(1, 500).map((n) => storage.append([eventOf(`chat:${n % 3}`, n)]))
        const offsets = new Map<string, number>()
        for (const [index, [result]] of (await Promise.all(asked)).entries()) {
          const channel = `chat:${(index + 1) % 3}`
          const offset = (offsets.get(channel) ?? 0) + 1
          assert.deepEqual(result, { kind: 'appended', offset })
          offsets.set(channel, offset)
        }
      }),
  },
  {
    id: 'ST11',
    says: 'A probe fulfils when an append would, and leaves nothing in any log.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await storage.probe()
        assert.deepEqual(await storage.channels('', 10), [])
      }),
  },
]
