import assert from 'node:assert/strict'
import type { Rule } from '../rule.ts'
import {
  bytesEvent,
  everyByte,
  fill,
  latestOf,
  numbersOf,
  range,
  type StorageMaker,
  withStorage,
} from './storage-maker.ts'

/** Snapshots that are saved before anything is removed. */
export const snapshotRules: readonly Rule<StorageMaker>[] = [
  {
    id: 'ST38',
    says: 'A snapshot that is saved is read back as it was given, and removes nothing; the compaction after it may bring none.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, 'chat:a', { from: 1, to: 5 })
        const log = await storage.open('chat:a')
        for (const payload of ['{"at":3}', everyByte(), new Uint8Array(0)]) {
          await storage.saveSnapshot('chat:a', 3, payload)
          assert.deepEqual(await storage.readSnapshot('chat:a'), { offset: 3, payload })
          const page = await storage.readAfter('chat:a', 0, 10)
          assert.deepEqual(page.log, log)
          assert.deepEqual(numbersOf(page.events), range(1, 5))
          assert.equal((await storage.findKey('chat:a', 'key-1'))?.offset, 1)
        }
        assert.deepEqual(await storage.append([bytesEvent('chat:a', [6])]), [
          { kind: 'appended', offset: 6 },
        ])
        await storage.saveSnapshot('chat:a', 4, everyByte())
        await storage.compact('chat:a', 4)
        const kept = { offset: 4, payload: everyByte() }
        assert.deepEqual(await storage.readSnapshot('chat:a'), kept)
        await storage.compact('chat:a', 6)
        assert.deepEqual(await storage.readSnapshot('chat:a'), kept)
      }),
  },
  {
    id: 'ST39',
    says: 'Which snapshot stays is the same however it came: beyond the head means the head, and one older than the one kept, or of a log without events, is dropped.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await storage.append([latestOf('chat:latest', 'x', 1)])
        for (const channel of ['chat:none', 'chat:latest']) {
          await storage.saveSnapshot(channel, 5, '{"at":5}')
          assert.equal(await storage.readSnapshot(channel), undefined)
        }
        await fill(storage, 'chat:a', { from: 1, to: 10 })
        await storage.saveSnapshot('chat:a', 0, '{"at":0}')
        assert.equal(await storage.readSnapshot('chat:a'), undefined)
        await storage.saveSnapshot('chat:a', 4, '{"at":4}')
        await storage.saveSnapshot('chat:a', 3, '{"at":3}')
        await storage.compact('chat:a', 2, '{"at":2}')
        assert.deepEqual(await storage.readSnapshot('chat:a'), { offset: 4, payload: '{"at":4}' })
        await storage.compact('chat:a', 6, '{"at":6}')
        await storage.saveSnapshot('chat:a', 5, '{"at":5}')
        assert.deepEqual(await storage.readSnapshot('chat:a'), { offset: 6, payload: '{"at":6}' })
        await storage.saveSnapshot('chat:a', 99, '{"at":"the head"}')
        await storage.saveSnapshot('chat:a', 10, '{"at":"again"}')
        assert.deepEqual(await storage.readSnapshot('chat:a'), {
          offset: 10,
          payload: '{"at":"again"}',
        })
        const { begin, head } = await storage.open('chat:a')
        assert.deepEqual([begin, head], [7, 10])
        assert.deepEqual(await storage.channels('', 10), ['chat:a'])
      }),
  },
]
