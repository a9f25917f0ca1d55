import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { createTokenAuth } from './token-auth.ts'

const secret = 'a secret that is long enough: 0123456789'
const nowMs = 1_800_000_000_000
const nowS = nowMs / 1_000

function sign(claims: Record<string, unknown>, by = secret, alg = 'HS256'): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(by))
}

async function identify(claims: Record<string, unknown>, more: object = {}) {
  const auth = await createTokenAuth({ secret, ...more }, () => nowMs)
  return auth.identify({ token: await sign(claims) })
}

describe('the user of a token', () => {
  test.each([
    ['a text', 'ada', 'ada'],
    ['a whole number, as its text', 42, '42'],
    ['zero', 0, '0'],
    ['the largest whole number that is exact', 2 ** 53 - 1, '9007199254740991'],
    ['a text of digits', '42', '42'],
    ['a name out of the prototype', '__proto__', '__proto__'],
  ])('%s is taken', async (_what, sub, id) => {
    expect(await identify({ sub })).toMatchObject({ user: { id } })
  })

  test.each([
    ['none', {}],
    ['null', { sub: null }],
    ['empty', { sub: '' }],
    ['too long', { sub: 'x'.repeat(129) }],
    ['a fraction', { sub: 1.5 }],
    ['a number that JSON has rounded', { sub: 2 ** 53 }],
    ['an object', { sub: { id: 'ada' } }],
    ['true', { sub: true }],
  ])('%s is refused, with the reason', async (_what, claims) => {
    expect(await identify(claims)).toMatchObject({ refused: 'subject' })
  })

  test('a number that JSON has rounded is refused with what to do', async () => {
    const refused = await identify({ sub: 2 ** 60 })
    expect(refused).toMatchObject({ detail: expect.stringContaining('string') as string })
  })
})

describe('the name of a user', () => {
  test.each([
    ['as it is', 'Ada', 'Ada'],
    ['cut where it is too long', 'n'.repeat(200), 'n'.repeat(128)],
    ['not cut within a character', `${'n'.repeat(127)}😀`, 'n'.repeat(127)],
    ['left out where it is null', null, undefined],
    ['left out where it is no text', 7, undefined],
    ['left out where it is empty', '', undefined],
    ['left out where there is none', undefined, undefined],
  ])('is that of the token, %s', async (_how, name, expected) => {
    const identity = await identify({ sub: 'ada', ...(name === undefined ? {} : { name }) })
    expect(identity).toHaveProperty('user', {
      id: 'ada',
      ...(expected === undefined ? {} : { name: expected }),
    })
  })

  test('is never what the client says of itself', async () => {
    const auth = await createTokenAuth({ secret }, () => nowMs)
    const token = await sign({ sub: 'eve' })
    const identity = await auth.identify({ token, user: { id: 'ada', name: 'Ada' } })
    expect(identity).toHaveProperty('user', { id: 'eve' })
  })
})

describe('a token that is refused says why', () => {
  test.each([
    ['expired', { sub: 'a', exp: nowS - 60 }],
    ['not_yet', { sub: 'a', nbf: nowS + 60 }],
    ['claim', { sub: 'a', exp: 'tomorrow' }],
  ])('%s', async (reason, claims) => {
    expect(await identify(claims)).toMatchObject({ refused: reason })
  })

  test('issuer and audience', async () => {
    const options = { issuer: 'us', audience: 'rusher' }
    const good = { sub: 'a', iss: 'us', aud: 'rusher' }
    expect(await identify(good, options)).toMatchObject({ user: { id: 'a' } })
    expect(await identify({ ...good, iss: 'them' }, options)).toMatchObject({ refused: 'issuer' })
    expect(await identify({ ...good, aud: 'x' }, options)).toMatchObject({ refused: 'audience' })
    expect(await identify({ sub: 'a', iss: 'us' }, options)).toMatchObject({ refused: 'audience' })
  })

  test('missing, malformed, signature and algorithm', async () => {
    const auth = await createTokenAuth({ secret }, () => nowMs)
    expect(await auth.identify({})).toMatchObject({ refused: 'missing' })
    expect(await auth.identify({ token: '' })).toMatchObject({ refused: 'missing' })
    for (const token of [
      'hello',
      'a.b.c',
      'x'.repeat(300),
      '..',
      `${await sign({ sub: 'a' })}.x`,
    ]) {
      expect(await auth.identify({ token })).toMatchObject({ refused: 'malformed' })
    }
    const foreign = await sign({ sub: 'a' }, 'another secret, as long as the first one is')
    expect(await auth.identify({ token: foreign })).toMatchObject({ refused: 'signature' })
    const other = await sign({ sub: 'a' }, secret, 'HS512')
    expect(await auth.identify({ token: other })).toMatchObject({ refused: 'algorithm' })
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const none = `${encode({ alg: 'none' })}.${encode({ sub: 'a' })}.`
    expect(await auth.identify({ token: none })).toMatchObject({ refused: 'algorithm' })
  })
})

test('the end of a token is the end of the session, with the tolerance for clocks', async () => {
  expect(await identify({ sub: 'a', exp: nowS + 60 })).toMatchObject({
    expiresAt: nowMs + 65_000,
  })
  expect(await identify({ sub: 'a' })).not.toHaveProperty('expiresAt')
})

test('an end beyond all dates is none that JSON cannot say', async () => {
  const identity = await identify({ sub: 'a', exp: 1e306 })
  expect(JSON.parse(JSON.stringify(identity))).toHaveProperty('expiresAt', 8.64e15)
})
