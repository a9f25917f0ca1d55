import { describe, expect, test } from 'vitest'
import type { Auth, Identified } from './auth.ts'
import { createCheckedAuth } from './check-identity.ts'
import { createOpenAuth } from './open-auth.ts'

function checked(identify: Auth['identify']) {
  const reported: (readonly [string, string | undefined])[] = []
  const auth = createCheckedAuth(
    { identify },
    (reason, detail) => void reported.push([reason, detail]),
  )
  return { auth, reported }
}

const user = (id: unknown, more: object = {}): Identified =>
  // A configuration in JavaScript can return values that the types forbid.
  ({ user: { id, ...more } }) as Identified

describe('a user id that Rusher acts under itself', () => {
  test.each(['server', 'Server', ' server ', 'ser\u200bver', 'ｓｅｒｖｅｒ', 'server\u0000'])(
    '%j is refused, whatever the auth',
    async (id) => {
      const open = checked(createOpenAuth(() => 'x').identify)
      expect(open.auth.identify({ user: { id } })).toMatchObject({ refused: 'reserved' })
      const own = checked(async () => user(id))
      expect(await own.auth.identify({ token: 't' })).toMatchObject({ refused: 'reserved' })
      expect([open.reported[0]?.[0], own.reported[0]?.[0]]).toEqual(['reserved', 'reserved'])
    },
  )

  test.each(['servers', 'my server', 'server-1', 'observer', 'serveur'])('%j is not it', (id) => {
    expect(checked(() => user(id)).auth.identify({})).toMatchObject({ user: { id } })
  })
})

test('a numeric id is taken as its text', () => {
  expect(checked(() => user(42)).auth.identify({})).toEqual({ user: { id: '42' } })
  expect(checked(() => user(0)).auth.identify({})).toEqual({ user: { id: '0' } })
})

test.each([[undefined], [''], [{}], [1.5], [2 ** 53], ['x'.repeat(129)]])(
  'an auth that returns %j as a user id has a bug: it throws and no client is accepted',
  async (id) => {
    expect(() => checked(() => user(id)).auth.identify({})).toThrow('auth')
    await expect(checked(async () => user(id)).auth.identify({})).rejects.toThrow('auth')
  },
)

test('a refusal is reported with its reason, and told by it; one of an auth’s own is not told', async () => {
  const expired = checked(() => ({ refused: 'expired', detail: 'by 40 s' }))
  expect(expired.auth.identify({ token: 't' })).toEqual({
    refused: 'expired',
    message: expect.stringContaining('expired') as string,
  })
  expect(expired.reported).toEqual([['expired', 'by 40 s']])

  const own = checked(async () => ({ refused: 'ann owes us money' }))
  expect(await own.auth.identify({ token: 't' })).toEqual({
    refused: 'other',
    message: 'the token was refused',
  })
  expect(own.reported).toEqual([['ann owes us money', undefined]])
})

test('a refusal without a reason is `missing` without a token and `other` with one', () => {
  const { auth, reported } = checked(() => undefined)
  expect(auth.identify({})).toMatchObject({ refused: 'missing' })
  expect(auth.identify({ token: 't' })).toMatchObject({ refused: 'other' })
  expect(reported.map(([reason]) => reason)).toEqual(['missing', 'other'])
})

test('a renewal for another user is refused, and reported', () => {
  const { auth, reported } = checked(() => user('eve'))
  expect(auth.identify({ token: 't' }, undefined, 'eve')).toMatchObject({ user: { id: 'eve' } })
  expect(auth.identify({ token: 't' }, undefined, 'ada')).toMatchObject({ refused: 'other_user' })
  expect(reported).toEqual([['other_user', undefined]])
})

test('what could not be found out stays an error', async () => {
  const { auth, reported } = checked(async () => {
    throw new Error('the key set is away')
  })
  await expect(auth.identify({ token: 't' })).rejects.toThrow('the key set is away')
  expect(reported).toEqual([])
})
