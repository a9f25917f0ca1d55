import { describe, expect, test } from 'vitest'
import { FakeClock, settle } from '../../test-parts/fake-clock.ts'
import { positionDelayMs } from '../write-queue.ts'
import { asyncStorageStore, type KeyValueStorage, type Store } from './index.ts'

/** A key-value storage in memory; without `callsLeft` every call fails. */
class MemoryStorage implements KeyValueStorage {
  readonly items = new Map<string, string>()
  callsLeft = Number.POSITIVE_INFINITY

  async getItem(key: string): Promise<string | null> {
    this.#count()
    return this.items.get(key) ?? null
  }

  async setItem(key: string, value: string): Promise<void> {
    this.#count()
    this.items.set(key, value)
  }

  async removeItem(key: string): Promise<void> {
    this.#count()
    this.items.delete(key)
  }

  #count(): void {
    if (this.callsLeft <= 0) throw new Error('the process is gone')
    this.callsLeft -= 1
  }
}

async function open(store: Store, user = 'ada') {
  const clock = new FakeClock()
  const restored: string[] = []
  const codes: string[] = []
  const attached = store.attach({
    url: 'wss://example.test/rusher',
    clock,
    restore: ({ id }) => restored.push(id),
    withdraw: () => {},
    report: ({ code }) => codes.push(code),
  })
  await attached.load({ id: user }, false)
  const put = (id: string) => attached.put({ id, channel: 'chat:a', bodyText: '1' })
  return { attached, clock, restored, codes, put }
}

describe('a store in a key-value storage', () => {
  test('keeps publishes in order and positions, and each publish under its own key', async () => {
    const storage = new MemoryStorage()
    const first = await open(asyncStorageStore(storage))
    for (const id of ['m1', 'm2', 'm3']) first.put(id)
    first.attached.remove('m2')
    first.attached.move('chat:a', { epoch: 'e', offset: 3 })
    await first.clock.advance(positionDelayMs)
    expect([...storage.items.keys()].filter((key) => key.includes(':publish:'))).toHaveLength(2)

    const again = await open(asyncStorageStore(storage))
    expect(again.restored).toEqual(['m1', 'm3'])
    expect(again.attached.since('chat:a')).toEqual({ epoch: 'e', offset: 3 })
  })

  test('after a crash at any moment, what was written before is there and nothing is left over', async () => {
    for (let calls = 0; calls < 30; calls += 1) {
      const storage = new MemoryStorage()
      const store = asyncStorageStore(storage)
      const first = await open(store)
      first.put('m1')
      await store.flush()
      storage.callsLeft = calls
      first.put('m2')
      await settle()
      first.attached.remove('m1')
      await settle()
      const hasRemoved = ![...storage.items.keys()].some((key) => key.endsWith('publish:m1'))
      storage.callsLeft = Number.POSITIVE_INFINITY

      const next = asyncStorageStore(storage)
      const again = await open(next)
      expect(again.restored.includes('m1')).toBe(!hasRemoved)
      again.attached.close()
      await next.clear()
      const left = [...storage.items].filter(([key]) => key !== 'rusher:list')
      expect({ calls, left }).toEqual({ calls, left: [] })
    }
  })

  test('a second client of the same user reports STORE_LOCKED, and another user has their own', async () => {
    const store = asyncStorageStore(new MemoryStorage())
    const first = await open(store)
    first.put('m1')
    expect((await open(store)).codes).toEqual(['STORE_LOCKED'])
    const bob = await open(store, 'bob')
    expect(bob.restored).toEqual([])
    expect(bob.codes).toEqual([])
  })

  test('a damaged value is left out, and the others come', async () => {
    const storage = new MemoryStorage()
    const store = asyncStorageStore(storage)
    const first = await open(store)
    for (const id of ['m1', 'm2', 'm3', 'm4']) first.put(id)
    await store.flush()
    const keys = [...storage.items.keys()].filter((key) => key.includes(':publish:'))
    storage.items.set(keys[0] ?? '', '{"id":"m1","cha')
    storage.items.set(keys[1] ?? '', '{"id":"m2","channel":"chat:a","bodyText":"{"}')
    storage.items.set(keys[2] ?? '', 'null')
    expect((await open(asyncStorageStore(storage))).restored).toEqual(['m4'])
  })

  test('clearing a user leaves those of others', async () => {
    const storage = new MemoryStorage()
    const store = asyncStorageStore(storage)
    for (const user of ['ada', 'bob']) {
      const { put, attached } = await open(store, user)
      put(`of-${user}`)
      attached.close()
    }
    await store.clear({ user: 'ada' })
    expect((await open(store, 'ada')).restored).toEqual([])
    expect((await open(store, 'bob')).restored).toEqual(['of-bob'])
  })
})
