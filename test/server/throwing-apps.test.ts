import { describe, expect, test } from 'vitest'
import { connectRaw, joinedAt } from '../parts/raw-client.ts'
import { readLog } from '../parts/read-log.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { shared } from '../parts/shared.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { openLimits } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'

/** Fails in every way that an app or an authorizer can, as the body or the channel asks for. */
const config = `{
  limits: { ${openLimits} },
  logLevel: 'silent',
  apps: [
    {
      name: 'moody',
      initial: 0,
      parse(body) {
        if (body === 'parse throws') throw new Error('parse')
        return body
      },
      refers(body) {
        if (body === 'refers throws') throw new Error('refers')
        return body === 'refers to nonsense' ? ['x', -1, NaN] : []
      },
      decide(state, body) {
        const publish = { kind: 'publish', body, keep: 'log' }
        switch (body) {
          case 'decide throws': throw new Error('decide')
          case 'decide gives nothing': return undefined
          case 'decide gives nonsense': return { kind: 'nonsense' }
          case 'decide rejects with nonsense': return { kind: 'reject', code: 'NO_SUCH_CODE' }
          case 'body is missing': return { kind: 'publish', keep: 'log' }
          case 'body is no JSON': return { ...publish, body: 1n }
          case 'body is circular': { const body = {}; body.body = body; return { ...publish, body } }
          case 'signal is no JSON': return { ...publish, keep: 'never', body: 1n }
          case 'reply is no JSON': return { kind: 'reply', body: 1n }
          case 'keep is nonsense': return { ...publish, keep: { latest: 5 } }
          case 'erase is nonsense': return { ...publish, erase: 'x' }
          case 'promise': return Promise.resolve(publish)
          default: return publish
        }
      },
      apply(state, event) {
        if (event.body === 'apply throws') throw new Error('apply')
        return state + 1
      },
    },
  ],
  permit(identity, channel) {
    if (channel === 'chat:throws') throw new Error('permit')
    if (channel === 'chat:rejects') return Promise.reject(new Error('permit'))
    if (channel === 'chat:never') return new Promise(() => {})
    if (channel === 'chat:nonsense') return Promise.resolve('yes')
    return channel !== 'chat:denied'
  },
}`

describe.each(shapes)('what an app or an authorizer does wrong, $shape', ({ edges }) => {
  const server = shared((atEnd) =>
    serve({ directory: temporaryDirectory(atEnd), edges, config, atEnd }),
  )

  test.each([
    'parse throws',
    'refers throws',
    'decide throws',
    'decide gives nothing',
    'decide gives nonsense',
    'decide rejects with nonsense',
    'body is missing',
    'body is no JSON',
    'body is circular',
    'signal is no JSON',
    'keep is nonsense',
    'erase is nonsense',
    'promise',
  ])('%s: that publish is INTERNAL, and nothing else is touched', async (body) => {
    const { url, pid } = server()
    const channel = `moody:${body.replaceAll(' ', '-')}`
    const client = await connectRaw(url)
    const other = await connectRaw(url, { id: 'other' })
    await other.join(channel)
    const publish = (text: string) =>
      client.ask({ type: 'publish', channel, id: text.slice(0, 60), body: text })
    const [before, failed, after] = await Promise.all(['one', body, 'two'].map(publish))
    expect(before).toHaveProperty('ok')
    expect(failed?.error).toMatchObject({ code: 'INTERNAL', retry: true })
    expect(after).toHaveProperty('ok')
    await until('the others came', () => other.events().length === 2)
    expect((await readLog(client, channel)).events.map(({ id }) => id)).toEqual(['one', 'two'])
    expect(pid).toBe(server().pid)
  })

  test('a request whose reply is no JSON is INTERNAL', async () => {
    const client = await connectRaw(server().url)
    const { error } = await client.ask({
      type: 'request',
      channel: 'moody:reply',
      body: 'reply is no JSON',
    })
    expect(error?.code).toBe('INTERNAL')
  })

  test('nonsense that it refers to is not found, and does no harm', async () => {
    const client = await connectRaw(server().url)
    const channel = 'moody:refers'
    const body = 'refers to nonsense'
    expect(await client.ask({ type: 'publish', channel, id: 'x', body })).toHaveProperty('ok')
  })

  test('apply throws: the event is kept, and the channel goes on, also after it was opened anew', async () => {
    const options = { directory: temporaryDirectory(), edges, config }
    const first = await serve(options)
    const channel = 'moody:apply'
    const client = await connectRaw(first.url)
    for (const body of ['one', 'apply throws', 'two']) {
      expect(await client.ask({ type: 'publish', channel, id: body, body })).toHaveProperty('ok')
    }
    await first.crash()
    const again = await connectRaw((await serve(options)).url)
    expect(joinedAt(await again.join(channel)).position.offset).toBe(3)
    expect(await again.ask({ type: 'publish', channel, id: '4', body: '4' })).toHaveProperty('ok')
  })

  test.each([
    ['chat:throws', 'INTERNAL'],
    ['chat:rejects', 'INTERNAL'],
    ['chat:never', 'INTERNAL'],
    ['chat:nonsense', 'DENIED'],
    ['chat:denied', 'DENIED'],
  ])('permission for %s: %s for every command there, and others go on', async (channel, code) => {
    const { url } = server()
    const other = await connectRaw(url, { id: 'other' })
    const asks = await Promise.all(
      ['join', 'say', 'history', 'presence'].map(async (what, index) => {
        const client = await connectRaw(url, { id: `user-${index}` })
        switch (what) {
          case 'join':
            return await client.join(channel)
          case 'say':
            return await client.say(channel, 'hello')
          case 'history':
            return await client.ask({ type: 'history', channel })
          default:
            return await client.ask({ type: 'presence', channel })
        }
      }),
    )
    for (const answer of asks) expect(answer).toMatchObject({ error: { code } })
    expect(await other.say('chat:fine', 'hello')).toHaveProperty('ok')
  })
})
