import { describe, expect, test } from 'vitest'
import type { User } from '../../protocol/message.ts'
import type { ClientError } from '../client-error.ts'
import { FakeClock, settle } from '../test-parts/fake-clock.ts'
import { MemoryDriver } from '../test-parts/memory-driver.ts'
import { loadMs, positionsMax } from './attachment.ts'
import { createStore } from './create-store.ts'
import type { AttachedStore, StoredPublish } from './store.ts'
import { positionDelayMs, slowWriteMs } from './write-queue.ts'

const ada = { id: 'ada' }
const bob = { id: 'bob' }

function publish(id: string, more: Partial<StoredPublish> = {}): StoredPublish {
  return { id, channel: 'chat:a', bodyText: `"${id}"`, ...more }
}

function refused(id: string): StoredPublish {
  return publish(id, { failed: { code: 'DENIED', message: 'no', retry: false } })
}

/** A store on a driver in memory, and a client of it that notes what it is told. */
function attach(driver = new MemoryDriver(), store = createStore(driver)) {
  const clock = new FakeClock()
  const restored: string[] = []
  const withdrawn: string[] = []
  const errors: ClientError[] = []
  const attached = store.attach({
    url: 'ws://example.test/rusher?with=query',
    clock,
    restore: ({ id }) => restored.push(id),
    withdraw: ({ id }) => withdrawn.push(id),
    report: (error) => errors.push(error),
  })
  return { driver, store, clock, attached, restored, withdrawn, errors }
}

describe('what a store keeps for a client', () => {
  test('comes back in order, with what failed and the positions', async () => {
    const first = attach()
    await first.attached.load(ada, false)
    for (const id of ['m1', 'm2', 'm3']) first.attached.put(publish(id))
    first.attached.remove('m2')
    first.attached.put(refused('m3'))
    first.attached.move('chat:a', { epoch: 'e', offset: 7 })
    await first.clock.advance(positionDelayMs)

    const again = attach(first.driver)
    await again.attached.load(ada, false)
    expect(again.restored).toEqual(['m1', 'm3'])
    expect(again.attached.failed('chat:a')).toEqual([refused('m3')])
    expect(again.attached.since('chat:a')).toEqual({ epoch: 'e', offset: 7 })
  })

  test('what one turn publishes is one write, and what was removed meanwhile is not repeated', async () => {
    const { driver, attached } = attach()
    await attached.load(ada, false)
    for (const id of ['m1', 'm2']) attached.put(publish(id))
    await settle()
    expect(driver.batches.map((batch) => batch.length)).toEqual([2])
  })

  test('what is published while the storage opens is stored when it is open', async () => {
    const opening = Promise.withResolvers<void>()
    const { driver, attached } = attach()
    driver.before = (what) => (what === 'open' ? opening.promise : undefined)
    const loaded = attached.load(ada, false)
    attached.put(publish('m1'))
    opening.resolve()
    await loaded
    await settle()
    expect(driver.idsOf('ada')).toEqual(['m1'])
  })

  test('positions are bounded: the one that moved longest ago goes', async () => {
    const { driver, clock, attached } = attach()
    await attached.load(ada, false)
    for (let n = 0; n <= positionsMax; n += 1) attached.move(`c:${n}`, { epoch: 'e', offset: 1 })
    await clock.advance(positionDelayMs)
    expect(driver.of('ada').positions.size).toBe(positionsMax)
    expect(attached.since('c:0')).toBeUndefined()
    expect(attached.since('c:1')).toEqual({ epoch: 'e', offset: 1 })
  })

  test('failed publishes are bounded, the oldest of a channel goes', async () => {
    const { driver, attached } = attach()
    await attached.load(ada, false)
    for (let n = 0; n <= 100; n += 1) attached.put(refused(`m${n}`))
    await settle()
    expect(driver.idsOf('ada')).toHaveLength(100)
    expect(driver.idsOf('ada')[0]).toBe('m1')
  })

  test('what another page left is handed to the client while it runs', async () => {
    const { driver, attached, restored } = attach()
    await attached.load(ada, false)
    driver.takenOver?.([publish('m9')])
    driver.takenOver?.([publish('m9')])
    expect(restored).toEqual(['m9'])
  })
})

describe('whose publishes a store keeps', () => {
  test('another user gets nothing of them, and the first one finds them again', async () => {
    const { driver, attached } = attach()
    await attached.load(ada, false)
    attached.put(publish('m1'))
    await settle()
    const other = attach(driver)
    await other.attached.load(bob, false)
    expect(other.restored).toEqual([])
    const again = attach(driver)
    await again.attached.load(ada, false)
    expect(again.restored).toEqual(['m1'])
  })

  test('when the server says that it is somebody else, what was loaded is withdrawn and stays', async () => {
    const driver = new MemoryDriver()
    driver.of('ada').publishes.set('m1', publish('m1'))
    driver.of('bob').publishes.set('m2', publish('m2'))
    const { attached, restored, withdrawn, errors } = attach(driver)
    await attached.load(ada, false)
    attached.put(publish('m3'))
    await admitted(attached, bob)
    await settle()
    expect(withdrawn).toEqual(['m1'])
    expect(restored).toEqual(['m1', 'm2'])
    expect(errors).toMatchObject([{ code: 'USER_CHANGED' }])
    // What was typed in this page before the server said who it is, is the admitted user's.
    expect(driver.idsOf('ada')).toEqual(['m1'])
    expect(driver.idsOf('bob')).toEqual(['m2', 'm3'])
    expect([...driver.opened]).toEqual(['bob'])
  })

  test('when a new token makes it somebody else, everything of the first user is withdrawn', async () => {
    const { driver, attached, withdrawn } = attach()
    await admitted(attached, ada)
    attached.put(publish('m1'))
    await settle()
    await admitted(attached, bob)
    await settle()
    expect(withdrawn).toEqual(['m1'])
    expect(driver.idsOf('ada')).toEqual(['m1'])
    expect(driver.idsOf('bob')).toEqual([])
  })

  test('the same user again changes nothing', async () => {
    const { attached } = attach()
    await attached.load(ada, false)
    let isAdmitted = false
    attached.admit(ada, () => {
      isAdmitted = true
    })
    expect(isAdmitted).toBe(true)
  })

  test('a guest comes back as the same guest, with what waited', async () => {
    const first = attach()
    expect(await first.attached.load(undefined, false)).toBeUndefined()
    await admitted(first.attached, { id: 'guest-1' })
    first.attached.put(publish('m1'))
    await settle()
    const again = attach(first.driver)
    expect(await again.attached.load(undefined, false)).toEqual({ id: 'guest-1' })
    expect(again.restored).toEqual(['m1'])
  })

  test('clearing forgets one user, or everybody, also while a client is closing', async () => {
    const { driver, store, attached } = attach()
    await attached.load(ada, false)
    driver.of('bob').publishes.set('m2', publish('m2'))
    attached.put(publish('m1'))
    attached.close()
    await store.clear({ user: 'ada' })
    await settle()
    expect(driver.idsOf('ada')).toEqual([])
    expect(driver.idsOf('bob')).toEqual(['m2'])
    await store.clear()
    expect(driver.idsOf('bob')).toEqual([])
  })

  test('a client that follows another one of the same store waits until that has written', async () => {
    const { driver, store, attached } = attach()
    await attached.load(ada, false)
    attached.put(publish('m1'))
    attached.close()
    const next = attach(driver, store)
    await next.attached.load(ada, false)
    expect(next.restored).toEqual(['m1'])
    expect([...driver.opened]).toEqual(['ada'])
  })
})

describe('storage that fails', () => {
  test('a storage that cannot be opened is reported, and the client goes on', async () => {
    const { driver, attached, errors, store } = attach()
    driver.before = () => Promise.reject(new Error('blocked'))
    expect(await attached.load(ada, false)).toEqual(ada)
    attached.put(publish('m1'))
    expect(errors).toMatchObject([{ code: 'STORE_FAILED' }])
    expect(errors[0]?.message).toContain('blocked')
    await expect(store.flush()).rejects.toMatchObject({ code: 'STORE_FAILED' })
  })

  test('a storage that hangs is waited for only so long; what it has comes later', async () => {
    const opening = Promise.withResolvers<void>()
    const { driver, clock, attached, errors, restored } = attach()
    driver.of('ada').publishes.set('m1', publish('m1'))
    driver.before = (what) => (what === 'open' ? opening.promise : undefined)
    const loaded = attached.load(ada, false)
    await clock.advance(loadMs)
    await loaded
    expect(errors).toMatchObject([{ code: 'STORE_FAILED' }])
    opening.resolve()
    await settle()
    expect(restored).toEqual(['m1'])
  })

  test('a full storage is reported once, and written again until it takes everything', async () => {
    const { driver, clock, attached, errors } = attach()
    await attached.load(ada, false)
    const full = Object.assign(new Error('no space'), { name: 'QuotaExceededError' })
    driver.before = () => Promise.reject(full)
    attached.put(publish('m1'))
    await clock.advance(5_000)
    attached.put(publish('m2'))
    attached.remove('m1')
    expect(errors).toMatchObject([{ code: 'STORE_FULL' }])
    driver.before = () => undefined
    await clock.advance(60_000)
    expect(driver.idsOf('ada')).toEqual(['m2'])
    expect(errors).toHaveLength(1)
    expect(clock.timers).toBe(0)
  })

  test('a write that hangs is reported, and what comes meanwhile is written after it', async () => {
    const writing = Promise.withResolvers<void>()
    const { driver, clock, attached, errors } = attach()
    await attached.load(ada, false)
    driver.before = () => writing.promise
    attached.put(publish('m1'))
    await clock.advance(slowWriteMs)
    attached.put(publish('m2'))
    expect(errors).toMatchObject([{ code: 'STORE_FAILED' }])
    writing.resolve()
    await settle()
    expect(driver.idsOf('ada')).toEqual(['m1', 'm2'])
  })

  test('flush resolves when what was handed over is written, and rejects when that fails', async () => {
    const { driver, attached, store } = attach()
    await attached.load(ada, false)
    attached.put(publish('m1'))
    await store.flush()
    expect(driver.idsOf('ada')).toEqual(['m1'])
    driver.before = () => Promise.reject(new Error('gone'))
    attached.put(publish('m2'))
    await expect(store.flush()).rejects.toMatchObject({ code: 'STORE_FAILED' })
  })
})

/** Resolves when a store is ready for the user that the server admitted. */
function admitted(attached: AttachedStore, user: User): Promise<void> {
  return new Promise((resolve) => attached.admit(user, resolve))
}
