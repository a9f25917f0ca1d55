import { describe, expect, test } from 'vitest'
import { connectRaw } from '../parts/raw-client.ts'
import { readLog } from '../parts/read-log.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'

const channel = 'chat:a'

describe.each(shapes)('publishing the same id again, $shape', ({ edges }) => {
  test.each(['crash', 'SIGINT'] as const)(
    'gives the first position after a restart by %s',
    async (how) => {
      const options = { directory: temporaryDirectory(), edges }
      const before = await serve(options)
      const first = await connectRaw(before.url)
      await first.say(channel, 'zero', 'zero')
      const said = await first.say(channel, 'one', 'one')
      expect(said.ok).toMatchObject({ position: { offset: 2 }, durability: 'disk' })
      expect(said.ok?.duplicate).toBeUndefined()
      if (how === 'crash') await before.crash()
      else before.signal(how)
      await before.exited

      const client = await connectRaw((await serve(options)).url)
      const again = await client.say(channel, 'one', 'one')
      expect(again.ok).toMatchObject({ position: said.ok?.position, duplicate: true })
      const other = await client.say(channel, 'another text', 'one')
      expect(other.error).toMatchObject({ code: 'ID_REUSED', retry: false })
      const ids = (await readLog(client, channel)).events.map(({ id }) => id)
      expect(ids).toEqual(['zero', 'one'])
    },
  )

  test('belongs to the user: another user’s same id is another publish', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const ada = await connectRaw(url, { id: 'ada' })
    const bob = await connectRaw(url, { id: 'bob' })
    expect((await ada.say(channel, 'mine', 'x')).ok?.position?.offset).toBe(1)
    expect((await bob.say(channel, 'mine', 'x')).ok?.position?.offset).toBe(2)
  })

  test('in one frame, many times, is one event', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const client = await connectRaw(url)
    await Promise.all(Array.from({ length: 20 }, () => client.say(channel, 'once', 'x')))
    expect((await readLog(client, channel)).events).toEqual([{ offset: 1, id: 'x' }])
  })
})
