import { describe, expect, test } from 'vitest'
import { settle } from './test-parts/fake-clock.ts'
import { FakeServer } from './test-parts/fake-server.ts'
import { seededRandom } from './test-parts/seeded-random.ts'
import { type Stage, stage } from './test-parts/stage.ts'

const runs = 60
const steps = 300
const names = ['chat:a', 'chat:b', 'chat:c']

/** Joins and leaves as chance has it. Returns the channels that are wanted in the end. */
async function wander(at: Stage, server: FakeServer, random: () => number): Promise<Set<string>> {
  const wanted = new Set<string>()
  for (let step = 0; step < steps; step += 1) {
    const name = names[Math.floor(random() * names.length)] ?? 'chat:a'
    const chance = random()
    if (chance < 0.1 && wanted.has(name)) {
      at.client.channel(name).leave()
      wanted.delete(name)
    } else if (chance < 0.2) {
      at.client.channel(name, { presence: random() < 0.3 })
      wanted.add(name)
    } else if (chance < 0.3) await at.clock.advance(random() * 3000)
    else server.step()
    await settle()
  }
  return wanted
}

describe('random joins and leaves that are refused, unanswered or lost', () => {
  const seeds = Array.from({ length: runs }, (_, index) => index + 1)

  test.each(seeds)('seed %i: the server has the client where it wants to be', async (seed) => {
    const random = seededRandom(seed)
    const at = stage({ random })
    const server = new FakeServer(at.network, random, { refusesMembers: true })
    const wanted = [...(await wander(at, server, random))].toSorted()
    server.healed = true
    const states = () => wanted.map((name) => at.client.channel(name).getSnapshot().state)
    const isDone = () =>
      states().every((state) => state === 'joined') &&
      JSON.stringify(server.joined()) === JSON.stringify(wanted)
    for (let round = 0; round < 2000 && !isDone(); round += 1) {
      server.step()
      await settle()
      if (round % 10 === 0) await at.clock.advance(1000)
    }
    expect({ joined: server.joined(), states: states() }).toEqual({
      joined: wanted,
      states: wanted.map(() => 'joined'),
    })
    at.client.close()
    expect(at.clock.timers).toBe(0)
  })
})
