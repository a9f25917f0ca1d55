import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { ClientRequest } from '../../src/server/index.ts'
import { startServer } from '../documents/parts/own-server.ts'
import { openRaw } from '../parts/raw-client.ts'
import { until } from '../parts/until.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('an open session holds nothing of the request that it was authenticated by', async () => {
  const seen: WeakRef<ClientRequest>[] = []
  const { url } = await startServer({
    auth: {
      identify(_credentials, request) {
        if (request === undefined) return undefined
        seen.push(new WeakRef(request))
        return { user: { id: request.cookies['sid'] ?? '' } }
      },
    },
  })
  const clients = await Promise.all(
    ['ada', 'bob', 'eve'].map((id) => openRaw(url, { Cookie: `sid=${id}` })),
  )
  for (const client of clients) {
    expect(await client.ask({ type: 'connect', version: 1 })).toHaveProperty('ok')
  }
  expect(seen).toHaveLength(3)
  await until('the requests are collected', () => {
    collect()
    return seen.every((request) => request.deref() === undefined)
  })
  for (const client of clients) expect(await client.say('chat:a', 'here')).toHaveProperty('ok')
})
