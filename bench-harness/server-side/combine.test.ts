import { describe, expect, it } from 'vitest'
import type { ServerSecond } from '../bundle/bundle.ts'
import { combineServerSides, mergeSeconds } from './combine.ts'

const sideOf = (second: ServerSecond, facts: Record<string, string>, closed: string[] = []) => ({
  sample: () => Promise.resolve(second),
  facts: () => Promise.resolve(facts),
  close: () => Promise.resolve(void closed.push(...Object.values(facts))),
})

describe('several views of one server', () => {
  it('are one, and the first that has a figure counts', () => {
    expect(mergeSeconds([{ cpu: 1, kernel: 5 }, {}, { cpu: 2, sessions: 4 }])).toEqual({
      cpu: 1,
      kernel: 5,
      sessions: 4,
    })
  })

  it('share their counters by name', () => {
    const merged = mergeSeconds([
      { counters: { ListenOverflows: 1 } },
      { counters: { ListenOverflows: 9, PruneCalled: 2 } },
    ])
    expect(merged.counters).toEqual({ ListenOverflows: 1, PruneCalled: 2 })
    expect(mergeSeconds([{}, {}])).toEqual({})
  })

  it('are asked, told and closed together', async () => {
    const closed: string[] = []
    const both = combineServerSides([
      sideOf({ kernel: 5 }, { seen: 'proc' }, closed),
      sideOf({ sessions: 4 }, { seen: 'metrics', metrics: 'here' }, closed),
    ])
    expect(await both.sample()).toEqual({ kernel: 5, sessions: 4 })
    expect(await both.facts()).toEqual({ seen: 'proc', metrics: 'here' })
    await both.close()
    expect(closed).toEqual(['proc', 'metrics', 'here'])
  })

  it('do not wait for the slowest of them: what it saw is in the next second', async () => {
    const reply = Promise.withResolvers<ServerSecond>()
    const slow = { ...sideOf({}, {}), sample: () => reply.promise }
    const both = combineServerSides([sideOf({ kernel: 5 }, {}), slow], 1)
    expect(await both.sample()).toEqual({ kernel: 5 })
    reply.resolve({ sessions: 4 })
    expect(await both.sample()).toEqual({ kernel: 5, sessions: 4 })
  })
})
