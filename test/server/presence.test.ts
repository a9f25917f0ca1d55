import { describe, expect, test } from 'vitest'
import { connectRaw, joinedAt } from '../parts/raw-client.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

const channel = 'chat:a'

describe.each(shapes)('presence, $shape', ({ edges }) => {
  const start = (presence: string) =>
    serve({ directory: temporaryDirectory(), edges, config: `{ presence: { ${presence} } }` })

  test('a reload does not flap, and two sockets of one user are one', async () => {
    const { url } = await start('graceMs: 2000')
    const watcher = await connectRaw(url, { id: 'watcher' })
    await watcher.join(channel, { presence: true })
    const first = await connectRaw(url, { id: 'bob' })
    await first.join(channel)
    const told = () => watcher.messages.filter(({ type }) => type === 'presence')
    await until('bob is told', () => told().some((one) => JSON.stringify(one).includes('bob')))
    const before = told().length
    first.drop()
    const second = await connectRaw(url, { id: 'bob' })
    await second.join(channel)
    const third = await connectRaw(url, { id: 'bob' })
    const { presence } = joinedAt(await third.join(channel, { presence: true }))
    expect(presence?.count).toBe(2)
    const carol = await connectRaw(url, { id: 'carol' })
    await carol.join(channel)
    await until('carol is told', () => told().length > before)
    expect(JSON.stringify(told().slice(before))).not.toContain('bob')
  })
})
