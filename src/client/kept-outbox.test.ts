import { describe, expect, test } from 'vitest'
import { refuse } from '../protocol/errors.ts'
import type { ConnectOptions } from './client.ts'
import { createStore } from './store/create-store.ts'
import { settle } from './test-parts/fake-clock.ts'
import type { FakeSocket } from './test-parts/fake-socket.ts'
import { MemoryDriver } from './test-parts/memory-driver.ts'
import { admit, answerJoin, lastRef, logged, ok, refuseWith, stage } from './test-parts/stage.ts'

/** A client as it is after each reload: a new one, on the storage of the one before. */
function visit(driver: MemoryDriver, options: ConnectOptions = {}) {
  return stage({ store: createStore(driver), ...options })
}

/** Answers the publish that was sent last. */
async function acknowledge(socket: FakeSocket, offset: number): Promise<void> {
  const position = { epoch: 'e', offset }
  ok(socket, lastRef(socket, 'publish'), { position, durability: 'disk' })
  await settle()
}

function sent(socket: FakeSocket) {
  return socket.sent('publish').map(({ id, body }) => ({ id, body }))
}

describe('after a reload', () => {
  test('what was published offline is shown as queued, then sent once with its id, in order', async () => {
    const driver = new MemoryDriver()
    const before = visit(driver)
    const typed = before.client.channel('chat:a')
    typed.publish('one')
    typed.publish({ n: 2 })
    await settle()

    const at = visit(driver, { makeId: () => 'n1' })
    const channel = at.client.channel('chat:a')
    channel.publish('three')
    await settle()
    expect(channel.getSnapshot().pending).toMatchObject([
      { id: 'm1', body: 'one', state: 'queued' },
      { id: 'm2', body: { n: 2 }, state: 'queued' },
      { id: 'n1', body: 'three', state: 'queued' },
    ])
    const socket = await admit(at)
    await answerJoin(socket)
    for (const offset of [1, 2, 3]) await acknowledge(socket, offset)
    expect(sent(socket)).toEqual([
      { id: 'm1', body: 'one' },
      { id: 'm2', body: { n: 2 } },
      { id: 'n1', body: 'three' },
    ])
    expect(driver.idsOf('ada')).toEqual([])
    expect(at.client.status.pending).toBe(0)
  })

  test('a publish is sent also when the program never asks for its channel', async () => {
    const driver = new MemoryDriver()
    visit(driver).client.channel('chat:a').publish('one')
    await settle()
    const at = visit(driver)
    const socket = await admit(at)
    await settle()
    expect(sent(socket)).toEqual([{ id: 'm1', body: 'one' }])
    // Asked for while it is on its way, the channel shows it.
    const channel = at.client.channel('chat:a')
    expect(channel.getSnapshot().pending).toMatchObject([{ id: 'm1', state: 'sent' }])
    await acknowledge(socket, 1)
    expect(driver.idsOf('ada')).toEqual([])
  })

  test('a conditional publish that fails at the call keeps its condition', async () => {
    const driver = new MemoryDriver()
    const typed = visit(driver, { outboxMax: 1 }).client.channel('chat:a')
    typed.publish('one')
    typed.publish('two', { expect: 5 })
    await settle()
    const at = visit(driver)
    const channel = at.client.channel('chat:a')
    await answerJoin(await admit(at))
    await acknowledge(at.socket, 1)
    channel.retry('m2')
    await settle()
    expect(at.socket.sent('publish').at(-1)).toMatchObject({ id: 'm2', expect: 5 })
  })

  test('a refusal is reported by the client when the program never asks for the channel', async () => {
    const driver = new MemoryDriver()
    visit(driver).client.channel('chat:a').publish('one')
    await settle()
    const at = visit(driver)
    const codes: string[] = []
    at.client.on('error', ({ code }) => void codes.push(code))
    const socket = await admit(at)
    await settle()
    refuseWith(socket, lastRef(socket, 'publish'), refuse('DENIED'))
    await settle()
    expect(codes).toEqual(['DENIED'])
  })

  test('a publish after the client was closed is not stored', async () => {
    const driver = new MemoryDriver()
    const { client } = visit(driver)
    const channel = client.channel('chat:a')
    await settle()
    client.close()
    await expect(channel.publish('late')).rejects.toMatchObject({ code: 'CLOSED' })
    await settle()
    expect(driver.idsOf('ada')).toEqual([])
  })

  test('what the server refused for good is shown as failed, and can be retried or discarded', async () => {
    const driver = new MemoryDriver()
    const before = visit(driver)
    const typed = before.client.channel('chat:a')
    const socket = await admit(before)
    await answerJoin(socket)
    for (const text of ['one', 'two']) {
      typed.publish(text)
      await settle()
      refuseWith(socket, lastRef(socket, 'publish'), refuse('DENIED'))
      await settle()
    }

    const at = visit(driver)
    await settle()
    const channel = at.client.channel('chat:a')
    expect(channel.getSnapshot().pending).toMatchObject([
      { id: 'm1', body: 'one', state: 'failed', error: { code: 'DENIED' } },
      { id: 'm2', state: 'failed' },
    ])
    channel.discard('m1')
    channel.retry('m2')
    const again = await admit(at)
    await answerJoin(again)
    expect(sent(again)).toEqual([{ id: 'm2', body: 'two' }])
    await acknowledge(again, 1)
    expect(driver.idsOf('ada')).toEqual([])
  })

  test('a channel goes on where it was, unless it is told otherwise', async () => {
    const driver = new MemoryDriver()
    const before = visit(driver)
    for (const name of ['chat:a', 'chat:b', 'chat:c']) before.client.channel(name)
    const socket = await admit(before)
    await answerJoin(socket, 4)
    socket.say(logged(5))
    await before.clock.advance(1_000)

    const at = visit(driver)
    at.client.channel('chat:a')
    at.client.channel('chat:b', { resume: false })
    at.client.channel('chat:c', { since: { epoch: 'x', offset: 1 } })
    const again = await admit(at)
    await settle()
    expect(again.sent('join').at(-1)?.channels).toEqual([
      { channel: 'chat:a', since: { epoch: 'e', offset: 5 } },
      { channel: 'chat:b' },
      { channel: 'chat:c', since: { epoch: 'x', offset: 1 } },
    ])
  })

  test('closing rejects, and keeps for the next client what was not acknowledged', async () => {
    const driver = new MemoryDriver()
    const store = createStore(driver)
    const before = stage({ store })
    const receipt = before.client.channel('chat:a').publish('one')
    await settle()
    before.client.close()
    await expect(receipt).rejects.toMatchObject({ code: 'CLOSED' })
    const at = stage({ store })
    const channel = at.client.channel('chat:a')
    await settle()
    expect(channel.getSnapshot().pending).toMatchObject([{ id: 'm1', state: 'queued' }])
  })
})

describe('users', () => {
  test('nothing of a user is sent as another one, whom only the server knows', async () => {
    const driver = new MemoryDriver()
    visit(driver).client.channel('chat:a').publish('of ada')
    await settle()
    const at = visit(driver)
    const errors: string[] = []
    at.client.on('error', ({ code }) => errors.push(code))
    const channel = at.client.channel('chat:a')
    const socket = await admit(at, { user: { id: 'bob' } })
    await answerJoin(socket)
    expect(sent(socket)).toEqual([])
    expect(channel.getSnapshot().pending).toEqual([])
    expect(errors).toEqual(['USER_CHANGED'])
    expect(driver.idsOf('ada')).toEqual(['m1'])
  })

  test('with a token alone, what waits is sent as soon as the server has said who this is', async () => {
    const driver = new MemoryDriver()
    visit(driver).client.channel('chat:a').publish('one')
    await settle()
    const client = stage({ store: createStore(driver), token: 'secret' })
    const socket = await admit(client)
    await settle()
    expect(sent(socket)).toEqual([{ id: 'm1', body: 'one' }])
  })

  test('a guest connects again as the guest it was', async () => {
    const driver = new MemoryDriver()
    const first = stageAsGuest(driver)
    await admit(first, { user: { id: 'guest-1' } })
    first.client.close()
    await settle()
    const again = stageAsGuest(driver)
    await admit(again)
    expect(again.socket.sent('connect')).toMatchObject([{ user: { id: 'guest-1' } }])
  })
})

describe('storage that fails', () => {
  test('the client connects and publishes without it, and says so', async () => {
    const driver = new MemoryDriver()
    driver.before = () => Promise.reject(new Error('blocked'))
    const at = visit(driver)
    const errors: string[] = []
    at.client.on('error', ({ code }) => errors.push(code))
    const receipt = at.client.channel('chat:a').publish('one')
    const socket = await admit(at)
    await answerJoin(socket)
    await acknowledge(socket, 1)
    await expect(receipt).resolves.toMatchObject({ id: 'm1' })
    expect(errors).toEqual(['STORE_FAILED'])
  })

  test('a storage that hangs delays the connection by a few seconds only', async () => {
    const driver = new MemoryDriver()
    driver.before = () => new Promise(() => {})
    const at = visit(driver)
    await at.clock.advance(2_900)
    expect(at.network.sockets).toHaveLength(0)
    await at.clock.advance(200)
    expect(at.network.sockets).toHaveLength(1)
  })
})

/** As `visit`, for a program that does not say who it is. */
function stageAsGuest(driver: MemoryDriver) {
  return stage({ store: createStore(driver), user: undefined } as unknown as ConnectOptions)
}
