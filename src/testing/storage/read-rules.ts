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

const offsetsOf = (events: readonly { readonly offset: number }[]) =>
  events.map(({ offset }) => offset)

/** What is read of a log. */
export const readRules: readonly Rule<StorageMaker>[] = [
  {
    id: 'ST12',
    says: 'A channel that nothing was appended to has an empty log with begin 1 and head 0, and asking for it creates nothing.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const { epoch, begin, head } = await storage.open('chat:none')
        assert.deepEqual({ begin, head }, { begin: 1, head: 0 })
        assert.notEqual(epoch, '')
        await storage.append([eventOf('chat:none', 1, { expect: 4 })])
        assert.deepEqual((await storage.readAfter('chat:none', 0, 10)).events, [])
        assert.deepEqual((await storage.readBefore('chat:none', 9, 10)).events, [])
        assert.equal(await storage.readOne('chat:none', 1), undefined)
        assert.equal(await storage.findKey('chat:none', 'k'), undefined)
        assert.deepEqual(await storage.readLatest('chat:none', 10), [])
        assert.equal(await storage.readSnapshot('chat:none'), undefined)
        assert.equal((await storage.compact('chat:none', 5, '{}')).begin, 1)
        assert.equal(await storage.readSnapshot('chat:none'), undefined)
        assert.deepEqual(await storage.channels('', 10), [])
      }),
  },
  {
    id: 'ST13',
    says: 'Reading after an offset gives the following events in order, at most as many as asked for, with the state of the log.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, 'chat:a', { from: 1, to: 5 })
        const read = async (after: number, limit: number) => {
          const { log, events } = await storage.readAfter('chat:a', after, limit)
          assert.deepEqual([log.begin, log.head], [1, 5])
          assert.deepEqual(numbersOf(events), offsetsOf(events))
          return offsetsOf(events)
        }
        assert.deepEqual(await read(0, 10), range(1, 5))
        assert.deepEqual(await read(0, 5), range(1, 5))
        assert.deepEqual(await read(0, 2), [1, 2])
        assert.deepEqual(await read(2, 2), [3, 4])
        assert.deepEqual(await read(4, 1), [5])
        assert.deepEqual(await read(4, 10), [5])
        assert.deepEqual(await read(5, 10), [])
        assert.deepEqual(await read(99, 10), [])
        assert.deepEqual(await read(0, 0), [])
      }),
  },
  {
    id: 'ST14',
    says: 'Reading before an offset gives the events that lead up to it in order, at most as many as asked for.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, 'chat:a', { from: 1, to: 5 })
        const read = async (before: number, limit: number) =>
          offsetsOf((await storage.readBefore('chat:a', before, limit)).events)
        assert.deepEqual(await read(6, 10), range(1, 5))
        assert.deepEqual(await read(6, 2), [4, 5])
        assert.deepEqual(await read(99, 2), [4, 5])
        assert.deepEqual(await read(4, 2), [2, 3])
        assert.deepEqual(await read(2, 2), [1])
        assert.deepEqual(await read(1, 2), [])
        assert.deepEqual(await read(0, 2), [])
        assert.deepEqual(await read(4, 0), [])
        assert.deepEqual(await read(Number.MAX_SAFE_INTEGER, 2), [4, 5])
      }),
  },
  {
    id: 'ST15',
    says: 'Reading one offset gives its event, or nothing where the log has none.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await fill(storage, 'chat:a', { from: 1, to: 3 })
        await storage.compact('chat:a', 1)
        assert.deepEqual(await storage.readOne('chat:a', 2), { offset: 2, payload: '{"n":2}' })
        for (const offset of [0, 1, 4]) {
          assert.equal(await storage.readOne('chat:a', offset), undefined)
        }
      }),
  },
  {
    id: 'ST16',
    says: 'A key is found with its offset and keySum.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        await storage.append([
          eventOf('chat:a', 1),
          eventOf('chat:a', 2, { key: 'k', keySum: 4_294_967_295 }),
          eventOf('chat:a', 3, { key: 'l' }),
        ])
        assert.deepEqual(await storage.findKey('chat:a', 'k'), {
          offset: 2,
          keySum: 4_294_967_295,
        })
        assert.deepEqual(await storage.findKey('chat:a', 'l'), { offset: 3, keySum: undefined })
        assert.equal(await storage.findKey('chat:a', 'm'), undefined)
        assert.equal(await storage.findKey('chat:b', 'k'), undefined)
      }),
  },
  {
    id: 'ST17',
    says: 'A read sees everything whose append was fulfilled before it was asked for.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        for (const n of range(1, 100)) {
          await storage.append([eventOf('chat:a', n), latestOf('chat:a', 'n', n)])
          const [page, latest] = await Promise.all([
            storage.readAfter('chat:a', n - 1, 10),
            storage.readLatest('chat:a', 1),
          ])
          assert.deepEqual(numbersOf(page.events), [n])
          assert.deepEqual(latest, [{ name: 'n', payload: `{"n":${n}}` }])
        }
      }),
  },
  {
    id: 'ST18',
    says: 'A payload comes back as it was given: empty or large, whatever its characters.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const payloads = [
          '{}',
          JSON.stringify({ text: 'größer 漢字 👩‍👩‍👧 \u0000 \u2028 \ufeff' }),
          '{"text":"\ud800 half a pair \udfff"}',
          '{"text":"\ufffd"}',
          JSON.stringify({ text: 'x'.repeat(1_000_000) }),
          JSON.stringify({ text: '漢'.repeat(300_000) }),
          '{"1e400":0.1}',
        ]
        await storage.append(
          payloads.map((payload) => ({ kind: 'event', channel: 'chat:a', payload })),
        )
        await storage.append([
          { kind: 'latest', channel: 'chat:a', name: '', payload: '{"\udc00":1}' },
        ])
        const { events } = await storage.readAfter('chat:a', 0, 10)
        for (const [index, { payload }] of events.entries()) {
          assert.ok(payload === payloads[index], `payload ${index} came back otherwise`)
        }
        assert.equal(events.length, payloads.length)
        assert.deepEqual(await storage.readLatest('chat:a', 1), [
          { name: '', payload: '{"\udc00":1}' },
        ])
      }),
  },
  {
    id: 'ST19',
    says: 'Names of channels and keys are any text; different text is a different name.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const names = [
          "chat:'; DROP TABLE events; --",
          'chat:"a"',
          'chat:%',
          'chat:_',
          'chat:?1',
          'chat:A',
          'chat:a',
          'chat:a ',
          'chat:\u0000',
          'chat:\u0000a',
          'chat:é',
          'chat:e\u0301',
          'chat:\ud800',
          'chat:\udfff',
          'chat:\ufffd',
          '__proto__',
          'constructor',
        ]
        await storage.append(names.map((name, n) => eventOf(name, n, { key: 'k', keySum: n })))
        const keys = await storage.append(names.map((key, n) => eventOf('chat:keys', n, { key })))
        assert.deepEqual(
          keys,
          names.map((_, index) => ({ kind: 'appended', offset: index + 1 })),
        )
        for (const [n, name] of names.entries()) {
          assert.deepEqual(numbersOf((await storage.readAfter(name, 0, 10)).events), [n])
          assert.equal((await storage.findKey(name, 'k'))?.keySum, n)
          assert.equal((await storage.findKey('chat:keys', name))?.offset, n + 1)
        }
        assert.deepEqual(
          [...(await storage.channels('', 100))].sort(),
          [...names, 'chat:keys'].sort(),
        )
      }),
  },
  {
    id: 'ST20',
    says: 'Channels that ever had an event are listed in the order of the bytes of their names, after a name, at most as many as asked for.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const names = ['chat:b', 'chat:\uffee', 'chat:a', 'chat:😀', 'chat:a1', 'chat:B']
        await storage.append(names.map((name) => eventOf(name, 1)))
        await storage.append([latestOf('chat:only-latest', 'x', 1)])
        await storage.compact('chat:b', 1)
        const sorted = ['chat:B', 'chat:a', 'chat:a1', 'chat:b', 'chat:\uffee', 'chat:😀']
        assert.deepEqual(await storage.channels('', 100), sorted)
        assert.deepEqual(await storage.channels('', 2), sorted.slice(0, 2))
        assert.deepEqual(await storage.channels('chat:a', 2), sorted.slice(2, 4))
        assert.deepEqual(await storage.channels('chat:a0', 1), ['chat:a1'])
        assert.deepEqual(await storage.channels('chat:😀', 100), [])
        assert.deepEqual(await storage.channels('', 0), [])
      }),
  },
]
