import assert from 'node:assert/strict'
import type { Rule } from '../rule.ts'
import {
  eventOf,
  fill,
  latestOf,
  numbersOf,
  range,
  type StorageMaker,
  withStorage,
} from './storage-maker.ts'

/** What is replaced, erased and compacted. */
export const removalRules: readonly Rule<StorageMaker>[] = [
  {
    id: 'ST21',
    says: 'A latest value replaces the one under its name, has no place in the log, and is read the newest first, at most as many as asked for.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await storage.append([
          latestOf('chat:a', 'x', 1),
          latestOf('chat:a', 'y', 2),
          eventOf('chat:a', 1),
          latestOf('chat:a', 'z', 3),
        ])
        await storage.append([latestOf('chat:a', 'x', 4), latestOf('chat:b', 'x', 5)])
        assert.deepEqual(await storage.readLatest('chat:a', 10), [
          { name: 'x', payload: '{"n":4}' },
          { name: 'z', payload: '{"n":3}' },
          { name: 'y', payload: '{"n":2}' },
        ])
        assert.deepEqual(await storage.readLatest('chat:a', 1), [{ name: 'x', payload: '{"n":4}' }])
        assert.deepEqual(await storage.readLatest('chat:a', 0), [])
        assert.equal((await storage.open('chat:a')).head, 1)
        await storage.compact('chat:a', 1)
        assert.equal((await storage.readLatest('chat:a', 10)).length, 3)
      }),
  },
  {
    id: 'ST22',
    says: 'An erased event keeps its offset and its key, and nothing else.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, 'chat:a', { from: 1, to: 3 })
        await storage.append([eventOf('chat:a', 4, { erase: 2 })])
        const { events } = await storage.readAfter('chat:a', 0, 10)
        assert.deepEqual(numbersOf(events), [1, undefined, 3, 4])
        assert.deepEqual(await storage.readOne('chat:a', 2), { offset: 2, payload: undefined })
        assert.deepEqual(await storage.append([eventOf('chat:a', 9, { key: 'key-2' })]), [
          { kind: 'duplicate', offset: 2, same: true },
        ])
        assert.equal((await storage.findKey('chat:a', 'key-2'))?.offset, 2)
      }),
  },
  {
    id: 'ST23',
    says: 'An erase takes effect with its event alone: not with a duplicate or a conflict, not outside the log, not twice.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, 'chat:a', { from: 1, to: 4 })
        await storage.compact('chat:a', 1)
        await storage.append([
          eventOf('chat:a', 9, { key: 'key-3', erase: 2 }),
          eventOf('chat:a', 9, { expect: 9, erase: 2 }),
        ])
        await storage.append([
          eventOf('chat:a', 5, { erase: 1 }),
          eventOf('chat:a', 6, { erase: 6 }),
          eventOf('chat:a', 7, { erase: 99 }),
          eventOf('chat:a', 8, { erase: 7 }),
          eventOf('chat:a', 9, { erase: 7 }),
        ])
        const { events } = await storage.readAfter('chat:a', 0, 20)
        assert.deepEqual(numbersOf(events), [2, 3, 4, 5, 6, undefined, 8, 9])
      }),
  },
  {
    id: 'ST24',
    says: 'Compaction removes the events up to an offset; the log begins after it, and offsets go on as before.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, 'chat:a', { from: 1, to: 10 })
        const { begin, head } = await storage.compact('chat:a', 4)
        assert.deepEqual([begin, head], [5, 10])
        const page = await storage.readAfter('chat:a', 0, 3)
        assert.deepEqual([page.log.begin, page.log.head], [5, 10])
        assert.deepEqual(numbersOf(page.events), [5, 6, 7])
        const before = await storage.readBefore('chat:a', 7, 10)
        assert.deepEqual(numbersOf(before.events), [5, 6])
        assert.deepEqual(await storage.append([eventOf('chat:a', 11)]), [
          { kind: 'appended', offset: 11 },
        ])
      }),
  },
  {
    id: 'ST25',
    says: 'A log that was compacted as a whole is empty, with its begin just beyond its head.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, 'chat:a', { from: 1, to: 3 })
        const { begin, head } = await storage.compact('chat:a', 99)
        assert.deepEqual([begin, head], [4, 3])
        assert.deepEqual((await storage.readAfter('chat:a', 0, 10)).events, [])
        assert.deepEqual(
          await storage.append([eventOf('chat:a', 4, { expect: 3, key: 'key-1' })]),
          [{ kind: 'appended', offset: 4 }],
        )
        assert.deepEqual(numbersOf((await storage.readAfter('chat:a', 0, 10)).events), [4])
      }),
  },
  {
    id: 'ST26',
    says: 'Compaction up to an offset that is gone already changes nothing.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, 'chat:a', { from: 1, to: 5 })
        await storage.compact('chat:a', 3)
        for (const through of [-1, 0, 2, 3]) {
          const { begin, head } = await storage.compact('chat:a', through)
          assert.deepEqual([begin, head], [4, 5])
        }
        assert.deepEqual(numbersOf((await storage.readAfter('chat:a', 0, 10)).events), [4, 5])
      }),
  },
  {
    id: 'ST27',
    says: 'Keys of removed events are forgotten: they are not found, and can be appended again.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, 'chat:a', { from: 1, to: 5 })
        await storage.compact('chat:a', 3)
        assert.equal(await storage.findKey('chat:a', 'key-3'), undefined)
        assert.equal((await storage.findKey('chat:a', 'key-4'))?.offset, 4)
        const results = await storage.append(
          range(1, 5).map((n) => eventOf('chat:a', n, { key: `key-${n}` })),
        )
        assert.deepEqual(results, [
          { kind: 'appended', offset: 6 },
          { kind: 'appended', offset: 7 },
          { kind: 'appended', offset: 8 },
          { kind: 'duplicate', offset: 4, same: true },
          { kind: 'duplicate', offset: 5, same: true },
        ])
        assert.equal((await storage.findKey('chat:a', 'key-3'))?.offset, 8)
      }),
  },
  {
    id: 'ST28',
    says: 'A snapshot stands for the events up to its offset; the newest one stays, also when a compaction brings none.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, 'chat:a', { from: 1, to: 10 })
        assert.equal(await storage.readSnapshot('chat:a'), undefined)
        await storage.compact('chat:a', 4, '{"at":4}')
        assert.deepEqual(await storage.readSnapshot('chat:a'), { offset: 4, payload: '{"at":4}' })
        await storage.compact('chat:a', 6, '{"at":6}')
        await storage.compact('chat:a', 5, '{"at":5}')
        await storage.compact('chat:a', 0, '{"at":0}')
        await storage.compact('chat:a', 8)
        assert.deepEqual(await storage.readSnapshot('chat:a'), { offset: 6, payload: '{"at":6}' })
        await storage.compact('chat:a', 99, '{"at":"the head"}')
        assert.deepEqual(await storage.readSnapshot('chat:a'), {
          offset: 10,
          payload: '{"at":"the head"}',
        })
        await storage.compact('chat:a', 10, '{"at":"again"}')
        assert.equal((await storage.readSnapshot('chat:a'))?.payload, '{"at":"again"}')
      }),
  },
]
