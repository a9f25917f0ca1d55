import { expect, test } from 'vitest'
import { defaultLimits, type Json, refuse } from '../protocol/index.ts'
import type { OwnPublish } from './core/core.ts'
import type { Answer } from './link/link.ts'
import { createServerPublish, RefusedError } from './server-publish.ts'

const published: Answer = { kind: 'published', offset: 4, epoch: 'e', duplicate: false }

/** A publish whose core remembers what it was asked and gives this answer. */
function publishOf(answer: Answer = published) {
  const asked: OwnPublish[] = []
  const logged: string[] = []
  const quiet = (): undefined => undefined
  const publish = createServerPublish({
    core: {
      publish: async (own) => {
        asked.push(own)
        return answer
      },
    },
    limits: { ...defaultLimits, bodyBytesMax: 20 },
    durability: 'disk',
    log: { debug: quiet, info: quiet, error: quiet, warn: (_, text) => void logged.push(text) },
    now: () => 0x0123_4567_89ab,
  })
  return { publish, asked, logged }
}

async function refusalOf(promise: Promise<unknown>): Promise<RefusedError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof RefusedError)) throw new Error(`no refusal, but ${String(error)}`)
  return error
}

test('it resolves to the receipt that a client gets', async () => {
  const { publish, asked } = publishOf()
  expect(await publish('orders:42', { event: 'paid' }, { id: 'x' })).toEqual({
    id: 'x',
    position: { epoch: 'e', offset: 4 },
    durability: 'disk',
  })
  expect(asked).toEqual([{ channel: 'orders:42', id: 'x', body: { event: 'paid' } }])
})

test('the receipt says that it is a duplicate, and has no position where nothing was logged', async () => {
  const { publish } = publishOf({ ...published, duplicate: true })
  expect(await publish('a', 1)).toMatchObject({ duplicate: true })
  const passed = await publishOf({ kind: 'accepted' }).publish('a', 1, { id: 'x' })
  expect(passed).toEqual({ id: 'x', durability: 'disk' })
})

test('an id that is not given is a new UUID of version 7 that begins with the time', async () => {
  const { publish, asked } = publishOf()
  const receipts = [await publish('a', 1), await publish('a', 1)]
  const [one, two] = receipts.map(({ id }) => id)
  expect(one).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(one).not.toBe(two)
  expect(asked.map(({ id }) => id)).toEqual([one, two])
})

test('a refusal rejects with its code and what it says about trying again', async () => {
  const refusal = refuse('BUSY', 'the server restarts', 1_000)
  const { publish } = publishOf({ kind: 'refused', refusal })
  expect(await refusalOf(publish('a', 1))).toMatchObject({
    name: 'RefusedError',
    ...{ code: 'BUSY', message: 'the server restarts', retry: true, retryAfterMs: 1_000 },
  })
})

test('a refusal that nobody waits for is logged', async () => {
  const { publish, logged } = publishOf({ kind: 'refused', refusal: refuse('DENIED') })
  void publish('a', 1)
  await new Promise((resolve) => setImmediate(resolve))
  expect(logged).toEqual(["the embedding program's publish was refused"])
})

test('the body is taken by value at the call', async () => {
  const { publish, asked } = publishOf()
  const body = { count: 1 }
  const receipt = publish('a', body)
  body.count = 2
  await receipt
  expect(asked.map((own) => own.body)).toEqual([{ count: 1 }])
})

const circular: { self?: unknown } = {}
circular.self = circular
const deep = JSON.parse('['.repeat(40) + ']'.repeat(40)) as Json
const deepest = Array.from({ length: 100_000 }).reduce<Json>((inner) => [inner], 0)

test.each<[string, unknown, string]>([
  ['circular', circular, 'BAD_COMMAND'],
  ['a BigInt', 1n, 'BAD_COMMAND'],
  ['undefined', undefined, 'BAD_COMMAND'],
  ['a function', () => 1, 'BAD_COMMAND'],
  ['too deep', deep, 'BAD_COMMAND'],
  ['deeper than the stack', deepest, 'BAD_COMMAND'],
  ['an object with the key __proto__', JSON.parse('{"__proto__":1}'), 'BAD_COMMAND'],
  [
    'an object that throws',
    {
      toJSON: () => {
        throw new Error('no')
      },
    },
    'BAD_COMMAND',
  ],
  ['too large', 'x'.repeat(19), 'TOO_LARGE'],
  ['too large in UTF-8', 'ä'.repeat(10), 'TOO_LARGE'],
])('a body that is %s is refused before the core is asked', async (_what, body, code) => {
  const { publish, asked } = publishOf()
  expect((await refusalOf(publish('a', body as Json))).code).toBe(code)
  expect(asked).toEqual([])
})

test('a body of exactly the limit is taken', async () => {
  const { publish } = publishOf()
  expect(await publish('a', 'x'.repeat(18))).toHaveProperty('position')
})

test.each<[string, { id?: unknown; user?: unknown }]>([
  ['an empty id', { id: '' }],
  ['an id that is too long', { id: 'x'.repeat(65) }],
  ['an id that is a number', { id: 5 }],
  ['a user without an id', { user: { name: 'Ann' } }],
  ['a user whose id is a number', { user: { id: 5 } }],
])('%s is refused', async (_what, options) => {
  const { publish, asked } = publishOf()
  expect((await refusalOf(publish('a', 1, options as object))).code).toBe('BAD_COMMAND')
  expect(asked).toEqual([])
})
