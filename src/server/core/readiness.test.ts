import { expect, test } from 'vitest'
import { RusherError } from '../../protocol/index.ts'
import { createEventLoopStall } from '../runtime/event-loop-stall.ts'
import { createReadiness, type ReadinessContext } from './readiness.ts'

function stage(given: Partial<ReadinessContext> = {}) {
  const time = { ms: 10_000 }
  const probes: PromiseWithResolvers<void>[] = []
  const waits: (() => void)[] = []
  const loop = createEventLoopStall(time.ms, 100)
  const readiness = createReadiness({
    clock: { monotonicMs: () => time.ms },
    storage: {
      probe() {
        const probe = Promise.withResolvers<void>()
        probes.push(probe)
        return probe.promise
      },
    },
    wait: () => new Promise((resolve) => waits.push(resolve)),
    failingDocuments: () => 0,
    stuckThreads: () => 0,
    silentEdges: () => 0,
    loop,
    ...given,
  })
  return { readiness, loop, time, probes, waits }
}

const allOk = {
  storage: 'ok',
  documents: 'ok',
  engine: 'ok',
  loop: 'ok',
  edges: 'ok',
  draining: 'no',
}

test('a working server is ready, and its disk is probed at most every half second', async () => {
  const { readiness, time, probes } = stage()
  const first = readiness.look(false)
  probes[0]?.resolve()
  expect(await first).toEqual({ kind: 'readiness', ready: true, checks: allOk })
  time.ms += 500
  expect(await readiness.look(false)).toMatchObject({ ready: true })
  expect(probes).toHaveLength(1)
  time.ms += 1
  const again = readiness.look(false)
  probes[1]?.reject(new RusherError('STORAGE_FULL', 'full'))
  expect(await again).toMatchObject({ ready: false, checks: { storage: 'STORAGE_FULL' } })
})

test('a hanging storage is reported in time, not probed again, and trusted once it answers', async () => {
  const { readiness, time, probes, waits } = stage()
  const first = readiness.look(false)
  waits[0]?.()
  expect(await first).toMatchObject({ ready: false, checks: { storage: 'does not answer' } })
  time.ms += 60_000
  const second = readiness.look(false)
  waits[1]?.()
  expect(await second).toMatchObject({ ready: false, checks: { storage: 'does not answer' } })
  expect(probes).toHaveLength(1)
  const third = readiness.look(false)
  probes[0]?.resolve()
  expect(await third).toMatchObject({ ready: true })
})

test.each([
  ['failingDocuments', 'documents', '2 cannot be read or saved'],
  ['stuckThreads', 'engine', '2 of its threads are stuck'],
  ['silentEdges', 'edges', '2 do not answer'],
] as const)('a server with %s is not ready, and says so under %s', async (part, check, text) => {
  const { readiness, probes } = stage({ [part]: () => 2 })
  const looked = readiness.look(false)
  probes[0]?.resolve()
  expect(await looked).toMatchObject({ ready: false, checks: { [check]: text } })
})

test('a stalled event loop is reported for five seconds', async () => {
  const { readiness, loop, time, probes } = stage()
  for (let turns = 0; turns < 3; turns += 1) {
    time.ms += 100
    loop.turn(time.ms)
  }
  time.ms += 2_600
  loop.turn(time.ms)
  const looked = readiness.look(false)
  probes[0]?.resolve()
  expect(await looked).toMatchObject({ ready: false, checks: { loop: 'stalled for 2500 ms' } })
  for (let turns = 0; turns < 50; turns += 1) {
    time.ms += 100
    loop.turn(time.ms)
  }
  const again = readiness.look(false)
  probes[1]?.resolve()
  expect(await again).toMatchObject({ ready: true, checks: { loop: 'ok' } })
})

test('a server that drains is not ready', async () => {
  const { readiness, probes } = stage()
  const looked = readiness.look(true)
  probes[0]?.resolve()
  expect(await looked).toMatchObject({ ready: false, checks: { draining: 'yes' } })
})
