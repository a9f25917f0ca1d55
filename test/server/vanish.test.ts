import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { connectRaw, joinedAt } from '../parts/raw-client.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

describe.each(shapes)('a database that vanishes under a server, $shape', ({ edges }) => {
  test.each([
    { what: 'removed', happen: (path: string) => rmSync(path) },
    {
      what: 'replaced',
      happen(path: string) {
        copyFileSync(path, `${path}.new`)
        renameSync(`${path}.new`, path)
      },
    },
  ])(
    '$what: not ready, publishes are refused, the server stays up and says what to do',
    async ({ happen }) => {
      const directory = temporaryDirectory()
      const path = join(directory, 'rusher.db')
      const server = await serve({ directory, edges })
      const client = await connectRaw(server.url)
      await client.join('chat:a')
      expect((await client.say('chat:a', 'kept')).error).toBeUndefined()
      const ready = async () => (await fetch(`${server.url}/readyz`)).status
      expect(await ready()).toBe(200)
      happen(path)
      await until('it is not ready', async () => (await ready()) === 503)
      const body = await (await fetch(`${server.url}/readyz`)).json()
      expect(body).toMatchObject({ ready: false, checks: { storage: 'STORAGE_UNAVAILABLE' } })
      const { error, ok } = await client.say('chat:a', 'refused')
      expect(ok).toBeUndefined()
      expect(error).toMatchObject({ code: 'STORAGE_UNAVAILABLE', retry: true })
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
      expect(server.errors()).toMatch(
        /rusher\.db (is gone|was replaced by another file).*restart the server/,
      )
      expect(server.events.filter(({ event }) => event === 'restarting')).toEqual([])
      server.signal('SIGINT')
      expect(await server.exited).toEqual({ code: 1, signal: null })
    },
  )

  test('renamed, put back and restarted: everything acknowledged is there, and a reader resumes', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'rusher.db')
    const server = await serve({ directory, edges })
    const client = await connectRaw(server.url)
    const { position } = joinedAt(await client.join('chat:a'))
    let acked = 0
    const say = async () => {
      const { ok, error } = await client.say('chat:a', `text ${acked + 1}`)
      if (ok !== undefined) acked += 1
      return error?.code
    }
    for (const _ of [1, 2]) expect(await say()).toBeUndefined()
    renameSync(path, `${path}.away`)
    await until('a publish is refused', async () => (await say()) === 'STORAGE_UNAVAILABLE')
    server.signal('SIGINT')
    await server.exited
    renameSync(`${path}.away`, path)
    const again = await serve({ directory, edges })
    const back = await connectRaw(again.url)
    const joined = joinedAt(await back.join('chat:a', { since: position }))
    expect(joined.recovered).toBe(true)
    expect(joined.position.offset).toBe(acked)
    await until('all came', () => back.events().length === acked)
    const texts = back
      .events()
      .map((event) => 'body' in event && (event.body as { text: string }).text)
    expect(texts).toEqual(Array.from({ length: acked }, (_, index) => `text ${index + 1}`))
  })
})
