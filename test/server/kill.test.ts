import { describe, expect, test } from 'vitest'
import { acknowledge, expectNoFault } from '../parts/no-fault.ts'
import { childrenOf } from '../parts/processes.ts'
import { connectRaw, joinedAt, type RawClient } from '../parts/raw-client.ts'
import { seed } from '../parts/seed.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { openLimits, startTraffic } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'
import { seeded } from '../tools/seeded.ts'

const channels = ['chat:a', 'chat:b']
const config = `{ limits: { ${openLimits} }, presence: { graceMs: 300 } }`

describe.each(shapes)(`kill -9 of the server, $shape (seed ${seed})`, ({ edges }) => {
  test('loses nothing acknowledged, doubles nothing, and leaves no reader a gap', async () => {
    const random = seeded(seed + edges)
    const directory = temporaryDirectory()
    const options = { directory, edges, config }
    let server = await serve(options)
    const { url, port } = server
    const traffic = startTraffic({ url, channels, clients: 3, window: 4 })
    await traffic.joined
    for (let round = 0; round < 10; round += 1) {
      await acknowledge(traffic, 20 + random(300))
      await server.crash()
      server = await serve({ ...options, port })
    }
    await acknowledge(traffic, 50)
    await expectNoFault(url, { traffic, channels })
  }, 120_000)
})

describe(`kill -9 of one edge (seed ${seed})`, () => {
  test('loses nothing acknowledged, doubles nothing, and leaves no reader a gap', async () => {
    const random = seeded(seed + 3)
    const { url, pid } = await serve({ directory: temporaryDirectory(), edges: 2, config })
    const traffic = startTraffic({ url, channels, clients: 4, window: 4 })
    await traffic.joined
    for (let round = 0; round < 6; round += 1) {
      await acknowledge(traffic, 20 + random(300))
      const edges = childrenOf(pid)
      const edge = edges[random(edges.length)]
      if (edge === undefined) throw new Error('the server has no edge')
      process.kill(edge, 'SIGKILL')
      await until('the edge is replaced', () => {
        const now = childrenOf(pid)
        return now.length === 2 && !now.includes(edge)
      })
    }
    await acknowledge(traffic, 50)
    await expectNoFault(url, { traffic, channels })
  }, 120_000)

  test('takes its members out of presence, and they resume on the other edge', async () => {
    const channel = 'chat:a'
    const { url, pid } = await serve({ directory: temporaryDirectory(), edges: 2, config })
    const members = new Map<string, RawClient>()
    for (let index = 0; index < 16; index += 1) {
      const id = `user-${index}`
      const client = await connectRaw(url, { id })
      joinedAt(await client.join(channel, { presence: true }))
      members.set(id, client)
    }
    const [first] = members.values()
    if (first === undefined) throw new Error('there are members')
    const { ok } = await first.say(channel, 'before')
    const [edge] = childrenOf(pid)
    if (edge === undefined) throw new Error('the server has no edge')
    process.kill(edge, 'SIGKILL')
    await until('some connections ended', () => [...members.values()].some(({ close }) => close))

    const lost = new Set<string>()
    const survivor = await survivorOf(members, lost)
    expect(lost.size).toBeGreaterThan(0)
    const observed = new Set<string>()
    await until('presence has told who is gone', () => {
      for (const message of survivor.messages) {
        if (message.type === 'presence') for (const id of message.left ?? []) observed.add(id)
      }
      return observed.size >= lost.size
    })
    expect(observed).toEqual(lost)

    const said = await survivor.say(channel, 'meanwhile')
    expect(said.ok?.position?.offset).toBe(2)
    for (const id of lost) {
      const back = await connectRaw(url, { id })
      const joined = joinedAt(await back.join(channel, { since: ok?.position }))
      expect(joined).toMatchObject({ recovered: true, position: { offset: 2 } })
      await until('the event came', () => back.events().length === 1)
      expect(back.events()[0]).toMatchObject({ offset: 2, body: { text: 'meanwhile' } })
    }
  })
})

/** Finds who is left when the connections of the dead edge have all ended; the others answer. */
async function survivorOf(
  members: ReadonlyMap<string, RawClient>,
  lost: Set<string>,
): Promise<RawClient> {
  let survivor: RawClient | undefined
  for (const [id, client] of members) {
    const answered = await client.ask({ type: 'ping' }).then(
      () => true,
      () => false,
    )
    if (answered) survivor = client
    else lost.add(id)
  }
  if (survivor === undefined) throw new Error('all members were on one edge')
  return survivor
}
