import { expect, test } from 'vitest'
import { Connection } from './connection.ts'
import { createConnectionList } from './connection-list.ts'
import type { PoolEvents } from './pool.ts'
import { createPoolEvents } from './pool-events.ts'

const request = { bytesFor: () => Buffer.alloc(0), accept: '' }
const destination = { host: '127.0.0.1', port: 1, request }

interface Returning {
  readonly session: number
  readonly inMs: number
  readonly droppedMs: number
}

/** The events of a pool at the moment 1000, where chance is a half. Gives the returns that were asked for since. */
function start(returns: boolean): {
  readonly events: PoolEvents
  readonly ready: ReturnType<typeof createConnectionList>
  /** Waits that were recorded as not ended. */
  readonly open: readonly (readonly [kind: string, ms: number])[]
  taken(): readonly Returning[]
} {
  const asked: Returning[] = []
  const open: (readonly [kind: string, ms: number])[] = []
  const ready = createConnectionList('readyPlace')
  const again = (session: number, atMs: number, droppedMs: number): void =>
    void asked.push({ session, inMs: atMs - 1_000, droppedMs })
  const events = createPoolEvents(
    {
      now: () => 1_000,
      random: () => 0.5,
      ready,
      recorder: { record: () => undefined, recordOpen: (kind, ms) => void open.push([kind, ms]) },
      arrivals: { again },
    },
    () => ({
      part: { channelsOf: () => [], returns },
      dialect: { opened: () => undefined, message: () => undefined },
      traffic: { gone: () => undefined },
    }),
    { example: () => undefined, wallMs: () => 0, isEnding: () => false },
  )
  return { events, ready, open, taken: () => asked.splice(0) }
}

function attempt(session: number, droppedMs?: number, retryAfterMs?: number): Connection {
  const connection = new Connection(session, 0, destination, 0)
  connection.droppedMs = droppedMs
  connection.retryAfterMs = retryAfterMs
  return connection
}

test('a first attempt that is refused counts as failed, and nobody tries again in silence', () => {
  const { events, taken } = start(true)
  events.gone(attempt(1, undefined, 3_000), 'tcp', 'http_503')
  expect(taken()).toEqual([])
})

test('a return that is refused with 503 comes again after what the server said, and is timed from the cut', () => {
  const { events, taken } = start(false)
  events.gone(attempt(7, 400, 3_000), 'tcp', 'http_503')
  expect(taken()).toEqual([{ session: 7, inMs: 3_500, droppedMs: 400 }])
})

test('a return that fails without a word waits longer each time, up to 20 seconds, and from the start when it was back', () => {
  const { events, ready, taken } = start(true)
  const waits = Array.from({ length: 8 }, () => {
    events.gone(attempt(7, 400), 'socket', 'refused')
    return taken()[0]?.inMs
  })
  expect(waits).toEqual([1_000, 1_500, 2_500, 4_500, 8_500, 10_500, 10_500, 10_500])

  const back = attempt(7, 400)
  ready.add(back)
  events.gone(back, 'ready', 'reset')
  expect(taken()).toEqual([{ session: 7, inMs: 550, droppedMs: 1_000 }])
  events.gone(attempt(7, 1_000), 'socket', 'refused')
  expect(taken()[0]?.inMs).toBe(1_000)
})

test('a session that was lost stays away where the scenario does not want it back', () => {
  const { events, ready, taken } = start(false)
  const lost = attempt(7)
  ready.add(lost)
  events.gone(lost, 'ready', 'reset')
  expect(taken()).toEqual([])
})

test('an attempt that timed out counts as a lower bound for each stage it did not reach', () => {
  const { events, open } = start(false)
  events.failed('connect_timeout', attempt(1), 'nothing came')
  const upgraded = attempt(2)
  upgraded.stage = 'ws'
  events.failed('ready_timeout', upgraded, 'nothing came')
  events.failed('refused', attempt(3), 'ECONNREFUSED')
  expect(open).toEqual([
    ['tcp', 1_000],
    ['upgrade', 1_000],
    ['ready', 1_000],
    ['ready', 1_000],
  ])
})
