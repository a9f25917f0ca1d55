import assert from 'node:assert/strict'
import type { Payload } from '../../server/storage/storage.ts'
import type { Rule } from '../rule.ts'
import { bytesEvent, everyByte, range, type StorageMaker, withStorage } from './storage-maker.ts'

/** What payloads are, text or bytes, and how they bound a page. */
export const payloadRules: readonly Rule<StorageMaker>[] = [
  {
    id: 'ST34',
    says: 'Bytes come back as bytes and text as text, whichever way they are read: every value of a byte, none at all, a megabyte.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const payloads: Payload[] = [
          everyByte(),
          new Uint8Array(0),
          '{"text":"among bytes"}',
          ...range(0, 255).map((value) => Uint8Array.of(value)),
          new Uint8Array(1_000_000).map((_, index) => index * 31),
          // What text is made of is still bytes, and so is a part of something larger.
          new TextEncoder().encode('{"n":1}'),
          everyByte().subarray(100, 103),
        ]
        await storage.append(
          payloads.map((payload) => ({ kind: 'event', channel: 'doc:a', payload })),
        )
        const count = payloads.length
        const read = [
          (await storage.readAfter('doc:a', 0, count)).events,
          (await storage.readBefore('doc:a', count + 1, count)).events,
          await Promise.all(payloads.map((_, index) => storage.readOne('doc:a', index + 1))),
        ]
        for (const events of read) {
          assert.equal(events.length, count)
          for (const [index, event] of events.entries()) {
            assertSame(event?.payload, payloads[index], `payload ${index}`)
          }
        }
        for (const [index, payload] of payloads.entries()) {
          await storage.compact('doc:a', index + 1, payload)
          const snapshot = await storage.readSnapshot('doc:a')
          assert.equal(snapshot?.offset, index + 1)
          assertSame(snapshot?.payload, payload, `snapshot ${index}`)
        }
      }),
  },
  {
    id: 'ST35',
    says: 'Keys, expectations and erasures are for bytes what they are for text, also where a log has both.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const first = { ...bytesEvent('doc:a', [1, 2]), key: 'k', keySum: 7 }
        const results = await storage.append([
          first,
          { kind: 'event', channel: 'doc:a', payload: '{"n":2}', expect: 1 },
          { ...bytesEvent('doc:a', [3]), expect: 1 },
          { ...bytesEvent('doc:a', []), expect: 2 },
          { ...bytesEvent('doc:a', [4]), erase: 1 },
          { ...bytesEvent('doc:a', [9]), key: 'k', keySum: 7 },
          { kind: 'event', channel: 'doc:a', payload: '{"n":5}', erase: 4 },
        ])
        assert.deepEqual(results, [
          { kind: 'appended', offset: 1 },
          { kind: 'appended', offset: 2 },
          { kind: 'conflict', head: 2 },
          { kind: 'appended', offset: 3 },
          { kind: 'appended', offset: 4 },
          { kind: 'duplicate', offset: 1, same: true },
          { kind: 'appended', offset: 5 },
        ])
        const { events } = await storage.readAfter('doc:a', 0, 10)
        assert.deepEqual(
          events.map(({ payload }) => payload),
          [undefined, '{"n":2}', new Uint8Array(0), undefined, '{"n":5}'],
        )
      }),
  },
  {
    id: 'ST36',
    says: 'The log has its own bytes: whoever gave some may change theirs once the call is fulfilled, and whoever was given some at once.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        const given = everyByte()
        await storage.append([
          { kind: 'event', channel: 'doc:a', payload: given },
          { kind: 'event', channel: 'doc:a', payload: given },
        ])
        await storage.compact('doc:a', 1, given)
        given.fill(0)
        for (const time of ['first', 'second']) {
          const { events } = await storage.readBefore('doc:a', 9, 9)
          const one = await storage.readOne('doc:a', 2)
          const snapshot = await storage.readSnapshot('doc:a')
          for (const payload of [events[0]?.payload, one?.payload, snapshot?.payload]) {
            assertSame(payload, everyByte(), `the ${time} time`)
            if (payload instanceof Uint8Array) payload.fill(1)
          }
        }
      }),
  },
  {
    id: 'ST37',
    says: 'Reading after an offset with a bound in bytes gives one event at least, and further ones as long as their payloads together stay within it.',
    check: (maker) =>
      withStorage(maker, async (storage) => {
        // Of 1,000 bytes each, in fewer characters where it is text.
        const text = `{"t":"${'ü'.repeat(496)}"}`
        const bytes = new Uint8Array(1_000)
        await storage.append(
          [text, bytes, bytes, text, text, bytes].map((payload) => ({
            kind: 'event',
            channel: 'doc:a',
            payload,
          })),
        )
        const read = async (after: number, limit: number, bytesMax?: number) => {
          const { log, events } = await storage.readAfter('doc:a', after, limit, bytesMax)
          assert.equal(log.head, 7)
          return events.map(({ offset }) => offset)
        }
        await storage.append([{ ...bytesEvent('doc:a', [1]), erase: 4 }])
        assert.deepEqual(await read(0, 10, 0), [1])
        assert.deepEqual(await read(0, 10, 999), [1])
        assert.deepEqual(await read(0, 10, 1_500), [1])
        assert.deepEqual(await read(0, 10, 2_500), [1, 2])
        assert.deepEqual(await read(0, 2, 9_000), [1, 2])
        assert.deepEqual(await read(0, 0, 9_000), [])
        assert.deepEqual(await read(1, 10, 1_500), [2])
        // What was erased has nothing left that could count.
        assert.deepEqual(await read(2, 10, 1_500), [3, 4])
        assert.deepEqual(await read(2, 10, 2_500), [3, 4, 5])
        assert.deepEqual(await read(3, 10, 0), [4])
        assert.deepEqual(await read(0, 10, 9_000), range(1, 7))
        assert.deepEqual(await read(0, 10), range(1, 7))
        assert.deepEqual(await read(7, 10, 1), [])
        await storage.compact('doc:a', 2)
        assert.deepEqual(await read(0, 10, 1_500), [3, 4])
      }),
  },
]

/** Looks at the bytes by themselves, since a report of a megabyte helps nobody. */
function assertSame(found: Payload | undefined, wanted: Payload | undefined, what: string): void {
  if (found instanceof Uint8Array && wanted instanceof Uint8Array) {
    assert.equal(found.length, wanted.length, `${what} has another length`)
    assert.ok(
      found.every((byte, index) => byte === wanted[index]),
      `${what} came back otherwise`,
    )
    return
  }
  assert.ok(found === wanted, `${what} came back otherwise`)
}
