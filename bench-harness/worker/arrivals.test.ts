import { expect, test } from 'vitest'
import { createArrivals } from './arrivals.ts'
import { Connection } from './connection.ts'

const plan = { seed: 1, arrivals: 'constant', arrivalsPerSecond: 1_000 } as const

function connection(session: number): Connection {
  const request = { bytesFor: () => Buffer.alloc(0), accept: '' }
  return new Connection(session, 0, { host: '127.0.0.1', port: 1, request }, 0)
}

test('new sessions and those that come back are taken in the order in which they are due', () => {
  const arrivals = createArrivals(plan, { worker: 0, workers: 1 }, () => undefined)
  arrivals.extend(1, 10)
  arrivals.again(7, 5, 1)
  expect(arrivals.nextMs).toBe(5)
  expect(arrivals.take(20)).toMatchObject({ session: 7, droppedMs: 1 })
  expect(arrivals.take(20)).toMatchObject({ session: 0 })
  expect(arrivals.take(20)).toBeUndefined()
})

test('a session that takes the place of its own connection says which, and was not dropped before', () => {
  const arrivals = createArrivals(plan, { worker: 0, workers: 1 }, () => undefined)
  const leaves = connection(3)
  arrivals.instead(leaves, 50)
  expect(arrivals.take(49)).toBeUndefined()
  expect(arrivals.take(50)).toEqual({ session: 3, intendedMs: 50, replaces: leaves })
})

test('workers of one turn share the moments out, and those of the next go on where they end', () => {
  const moments = [0, 1, 2, 3].flatMap((worker) => {
    const turn = { before: worker < 2 ? 0 : 2, abreast: 2, place: worker % 2 }
    const arrivals = createArrivals(plan, { worker, workers: 4, turn }, () => undefined)
    arrivals.extend(8, 100)
    const first = arrivals.take(1_000)
    const second = arrivals.take(1_000)
    return [first, second].map((one) => [one?.session, one?.intendedMs])
  })
  expect(moments).toEqual([
    [0, 100],
    [4, 102],
    [1, 101],
    [5, 103],
    [2, 104],
    [6, 106],
    [3, 105],
    [7, 107],
  ])
})
