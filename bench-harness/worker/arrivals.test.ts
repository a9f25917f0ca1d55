import { expect, test } from 'vitest'
import { createArrivals } from './arrivals.ts'
import { Connection } from './connection.ts'

const plan = { seed: 1, arrivals: 'constant', arrivalsPerSecond: 1_000 } as const

function connection(session: number): Connection {
  const request = { bytes: Buffer.alloc(0), accept: '' }
  return new Connection(session, 0, { host: '127.0.0.1', port: 1, request }, 0)
}

test('new sessions and those that come back are taken in the order in which they are due', () => {
  const arrivals = createArrivals(plan, { worker: 0, workers: 1 })
  arrivals.extend(1, 10)
  arrivals.again(7, 5, 1)
  expect(arrivals.nextMs).toBe(5)
  expect(arrivals.take(20)).toMatchObject({ session: 7, droppedMs: 1 })
  expect(arrivals.take(20)).toMatchObject({ session: 0 })
  expect(arrivals.take(20)).toBeUndefined()
})

test('a session that takes the place of its own connection says which, and was not dropped before', () => {
  const arrivals = createArrivals(plan, { worker: 0, workers: 1 })
  const leaves = connection(3)
  arrivals.instead(leaves, 50)
  expect(arrivals.take(49)).toBeUndefined()
  expect(arrivals.take(50)).toEqual({ session: 3, intendedMs: 50, replaces: leaves })
})
