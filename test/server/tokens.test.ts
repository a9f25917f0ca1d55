import { describe, expect, test } from 'vitest'
import type { ServerMessage } from '../../src/protocol/index.ts'
import { joinedAt, openRaw } from '../parts/raw-client.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { shared } from '../parts/shared.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { secret, signToken, unsignedToken } from '../parts/tokens.ts'
import { until } from '../parts/until.ts'

const channel = 'chat:a'

describe.each(shapes)('tokens, $shape', ({ edges }) => {
  const server = shared((atEnd) =>
    serve({
      directory: temporaryDirectory(atEnd),
      edges,
      environment: { RUSHER_TOKEN_SECRET: secret },
      atEnd,
    }),
  )

  async function refusedWith(url: string, token: string | undefined) {
    const client = await openRaw(url)
    client.send(JSON.stringify({ type: 'connect', version: 1, ref: 1, token, user: { id: 'eve' } }))
    const { code } = await client.closed
    expect(client.messages).toMatchObject([{ ref: 1, error: { code: 'TOKEN_REFUSED' } }])
    return code
  }

  test('a signed one is taken: its subject is the user, whatever the client says', async () => {
    const client = await openRaw(server().url)
    const { user } = await client.connect({ token: await signToken({ user: 'ada' }) })
    expect(user).toEqual({ id: 'ada' })
  })

  test.each([
    ['none', async () => undefined],
    ['one without a signature', async () => unsignedToken()],
    [
      'one of another secret',
      () => signToken({ secret: 'another secret, as long as the first one is' }),
    ],
    ['one that has ended', () => signToken({ endsIn: -60 })],
    ['what is no token', async () => 'x'.repeat(300)],
    [
      'one that was changed',
      async () => (await signToken()).replace(/\.[^.]+\./, (body) => `${body.slice(0, -2)}A.`),
    ],
  ])('%s is refused 4401', async (_what, make) => {
    expect(await refusedWith(server().url, await make())).toBe(4401)
  })

  test('one for another audience is refused 4401', async () => {
    const { url } = await serve({
      directory: temporaryDirectory(),
      edges,
      config: `{ auth: { secret: ${JSON.stringify(secret)}, audience: 'rusher' } }`,
    })
    expect(await refusedWith(url, await signToken({ audience: 'other' }))).toBe(4401)
    expect(await refusedWith(url, await signToken())).toBe(4401)
    const client = await openRaw(url)
    expect(await client.connect({ token: await signToken({ audience: 'rusher' }) })).toBeDefined()
  })

  test('a session is warned, and ends 4402 with its token', async () => {
    const client = await openRaw(server().url)
    const { expiresAt } = await client.connect({ token: await signToken({ endsIn: 2 }) })
    await client.find(isExpiring)
    expect(await client.closed).toMatchObject({ code: 4402 })
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt ?? Number.POSITIVE_INFINITY)
    expect(Date.now()).toBeLessThan((expiresAt ?? 0) + 1_500)
  })

  test('a renewed session goes on, with its channels; a renewal for another user changes nothing', async () => {
    const client = await openRaw(server().url)
    await client.connect({ token: await signToken({ endsIn: 2 }) })
    await client.join(channel)
    await client.find(isExpiring)
    const foreign = await client.ask({ type: 'renew', token: await signToken({ user: 'eve' }) })
    expect(foreign.error?.code).toBe('TOKEN_REFUSED')
    const { ok } = await client.ask({ type: 'renew', token: await signToken({ endsIn: 60 }) })
    expect(ok).toHaveProperty('expiresAt')
    const ended = Date.now() + 2_500
    await until('the first token has ended', () => Date.now() > ended)
    await client.say(channel, 'still here', 'renewed')
    await until('the event came', () => client.events(channel).length > 0)
    expect(client.close).toBeUndefined()
  })

  test('whoever slept past the end of the token comes back with a new one, and misses nothing', async () => {
    const { url } = server()
    const sleeper = await openRaw(url)
    const old = await signToken({ user: 'sleeper', endsIn: 1 })
    await sleeper.connect({ token: old })
    const { position } = joinedAt(await sleeper.join('chat:sleep'))
    sleeper.drop()

    const other = await openRaw(url)
    await other.connect({ token: await signToken({ user: 'other' }) })
    await other.say('chat:sleep', 'one', 'one')
    await other.say('chat:sleep', 'two', 'two')
    // Signers' clocks may be off by five seconds, and so long an ended token is still taken.
    expect(await refusedWith(url, await signToken({ user: 'sleeper', endsIn: -6 }))).toBe(4401)

    const back = await openRaw(url)
    await back.connect({ token: await signToken({ user: 'sleeper' }) })
    const joined = joinedAt(await back.join('chat:sleep', { since: position }))
    expect(joined).toMatchObject({ recovered: true, position: { offset: 2 } })
    await until('both events came', () => back.events().length === 2)
    expect(back.events().map(({ id }) => id)).toEqual(['one', 'two'])
  })
})

function isExpiring(
  message: ServerMessage,
): message is Extract<ServerMessage, { type: 'expiring' }> {
  return message.type === 'expiring'
}
