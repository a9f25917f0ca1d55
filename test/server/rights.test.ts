import { describe, expect, test } from 'vitest'
import type { Permit } from '../../src/server/index.ts'
import { startServer } from '../documents/parts/own-server.ts'
import { connectRaw, type RawClient } from '../parts/raw-client.ts'
import { until } from '../parts/until.ts'

/** Permissions that a test can change, answered at once or later. */
function rights({ isLate }: { readonly isLate: boolean }) {
  const denied = new Set<string>()
  const permit: Permit = ({ user }, channel, act) => {
    const granted = !denied.has(`${user.id} ${act} ${channel}`)
    return isLate ? new Promise((resolve) => setImmediate(() => resolve(granted))) : granted
  }
  return { denied, permit }
}

function leftIn(client: RawClient): readonly string[] {
  return client.messages.flatMap((message) => (message.type === 'left' ? [message.channel] : []))
}

describe.each([
  ['at once', false],
  ['later', true],
])('a permit hook that answers %s', (_when, isLate) => {
  test('a reader leaves a channel as soon as its permission ends and receives nothing more', async () => {
    const { denied, permit } = rights({ isLate })
    const server = await startServer({ permit })
    const reader = await connectRaw(server.url, { id: 'eve' })
    const writer = await connectRaw(server.url, { id: 'ada' })
    for (const channel of ['chat:board', 'chat:all']) {
      await reader.join(channel, { presence: true })
      await writer.join(channel, { presence: true })
    }
    await writer.say('chat:board', 'one')
    await until('it is heard', () => reader.events('chat:board').length === 1)
    denied.add('eve read chat:board')
    server.recheck()
    await until('it has left', () => leftIn(reader).length > 0)
    expect(leftIn(reader)).toEqual(['chat:board'])
    await writer.say('chat:board', 'two')
    await writer.say('chat:all', 'three')
    await until('what it may hear came', () => reader.events('chat:all').length === 1)
    expect(reader.events('chat:board')).toHaveLength(1)
    const again = await reader.join('chat:board')
    expect(again).toMatchObject({ error: { code: 'DENIED' } })
    const { error } = await reader.ask({ type: 'history', channel: 'chat:board' })
    expect(error?.code).toBe('DENIED')
  })

  test('a right to write that ends is gone at once, too', async () => {
    const { denied, permit } = rights({ isLate })
    const server = await startServer({ permit })
    const writer = await connectRaw(server.url, { id: 'ada' })
    await writer.join('chat:a')
    expect((await writer.say('chat:a', 'one')).ok).toBeDefined()
    denied.add('ada write chat:a')
    server.recheck()
    expect((await writer.say('chat:a', 'two')).error?.code).toBe('DENIED')
    expect(leftIn(writer)).toEqual([])
  })
})

test('a join that was granted before a right ended, and comes in after it, is taken back', async () => {
  const answers: ((granted: boolean) => void)[] = []
  const server = await startServer({
    permit: (_identity, _channel, act) =>
      act === 'write' || new Promise((resolve) => answers.push(resolve)),
  })
  const reader = await connectRaw(server.url, { id: 'eve' })
  const joining = reader.join('chat:board')
  await until('it is asked for', () => answers.length === 1)
  server.recheck()
  answers[0]?.(true)
  await until('it is asked for again', () => answers.length === 2)
  answers[1]?.(false)
  expect(await joining).toMatchObject({ error: { code: 'DENIED' } })
})

test('a hook that fails takes nothing away: what could not be found out stays as it is', async () => {
  let fails = false
  let asked = 0
  const server = await startServer({
    permit() {
      asked += 1
      if (fails) throw new Error('the directory is away')
      return true
    },
  })
  const reader = await connectRaw(server.url, { id: 'eve' })
  await reader.join('chat:a')
  fails = true
  const before = asked
  server.recheck()
  await until('it was asked', () => asked === before + 1)
  expect(await reader.ask({ type: 'ping' })).toHaveProperty('ok')
  expect(leftIn(reader)).toEqual([])
  fails = false
  const writer = await connectRaw(server.url, { id: 'ada' })
  await writer.say('chat:a', 'one')
  await until('it still reads', () => reader.events('chat:a').length === 1)
})
