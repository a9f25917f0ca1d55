import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { secret, signToken } from '../parts/tokens.ts'
import { until } from '../parts/until.ts'
import { metricsOf } from './parts/ask.ts'

interface Begun {
  readonly socket: Socket
  /** All that was answered. */
  answered(): string
}

interface Beginning {
  readonly port: number
  readonly name: string
  readonly body: string | Buffer
  readonly announced: number
  readonly token?: string
}

/** Begins a PUT and never ends its body. */
function begin({ port, name, body, announced, token }: Beginning): Begun {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('error', () => undefined)
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1')
  })
  const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
  socket.write(
    `PUT /docs/${name}/text HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${authorization}Content-Length: ${announced}\r\n\r\n`,
  )
  socket.write(body)
  onTestFinished(() => void socket.destroy())
  return { socket, answered: () => text }
}

async function bodyBytesOf(url: string): Promise<number> {
  const found = /^rusher_http_body_bytes(?:\{[^}]*\})? (\S+)$/m.exec(await metricsOf(url))
  return Number(found?.[1] ?? 0)
}

const large = Buffer.alloc(16 * 1024 * 1024, 'a')

describe.each(shapes)('slow request bodies, $shape', ({ edges }) => {
  test('200 slow ones and two stalled large ones do not keep out the PUT and GET of another user', async () => {
    const config = `{ auth: { secret: '${secret}' } }`
    const { url, port } = await serve({ directory: temporaryDirectory(), edges, config })
    const tokens = await Promise.all([0, 1, 2, 3].map((no) => signToken({ user: `slow ${no}` })))
    const slow = tokens.flatMap((token, group) => {
      const bodies = Array.from({ length: 50 }, (_, no) =>
        begin({ port, name: `s${group}.${no}`, body: 'a', announced: 100, token }),
      )
      const announced = large.length + 10
      if (edges > 0 || group < 2) begin({ port, name: `l${group}`, body: large, announced, token })
      return bodies
    })
    await until('much is received', async () => (await bodyBytesOf(url)) >= large.length, 20_000)
    const headers = { Authorization: `Bearer ${await signToken({ user: 'honest' })}` }
    for (const text of ['one', 'two', 'three', 'four']) {
      const put = await fetch(`${url}/docs/a/text`, { method: 'PUT', body: text, headers })
      expect(put.status).toBe(200)
      const got = await fetch(`${url}/docs/a/text`, { headers })
      expect([got.status, await got.text()]).toEqual([200, text])
    }
    await until(
      'each slow one is refused',
      () => slow.every(({ answered }) => /^HTTP\/1\.1 (408|503) /.test(answered())),
      20_000,
    )
    expect(slow.filter(({ answered }) => answered().includes(' 408 ')).length).toBeGreaterThan(150)
    await until('nothing is held', async () => (await bodyBytesOf(url)) === 0, 20_000)
  }, 60_000)
})

test('on an open server, the PUT of the same address is taken beside its slow ones', async () => {
  const { url, port } = await serve({ directory: temporaryDirectory() })
  for (let no = 0; no < 130; no += 1) begin({ port, name: `s${no}`, body: 'a', announced: 100 })
  await until('they are received', async () => (await bodyBytesOf(url)) > 0)
  expect((await fetch(`${url}/docs/a/text`)).status).not.toBe(503)
  await until('a PUT is taken', async () => {
    const put = await fetch(`${url}/docs/a/text`, { method: 'PUT', body: 'one' })
    return put.status === 200
  })
  expect(await bodyBytesOf(url)).toBeGreaterThan(0)
}, 60_000)
