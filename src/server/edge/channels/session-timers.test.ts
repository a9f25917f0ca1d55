import { expect, test } from 'vitest'
import { defaultLimits } from '../../../protocol/index.ts'
import { FakeClock } from '../../runtime/testing/fake-clock.ts'
import type { Transport } from '../../transport/transport.ts'
import { edgeTimes } from '../connection/edge-times.ts'
import { createSession, type Session } from './session.ts'
import { createSessionTimers } from './session-timers.ts'

const hourMs = 3_600_000
const tickMs = edgeTimes.wheelTickMs

function setup({ permit = false } = {}) {
  const clock = new FakeClock()
  const closed: string[] = []
  const sent: string[] = []
  const checked: Session[] = []
  const lifetime = createSessionTimers(
    {
      clock,
      limits: { ...defaultLimits, pingMs: 1e9 },
      random: () => 0,
      permit: permit ? () => true : undefined,
    },
    {
      close(session, reason) {
        closed.push(reason)
        session.state = 'closed'
        lifetime.cancel(session)
      },
      send: (_session, text) => void sent.push(text),
    },
    (session) => void checked.push(session),
  )
  clock.every(tickMs, lifetime.turn)
  /** A session that only reads, with a token that expires after `endsInMs` milliseconds. */
  function open(endsInMs?: number): Session {
    // A lifetime never uses the transport directly.
    const session = createSession(1, {} as Transport, clock.monotonicMs())
    session.state = 'open'
    const expiresAt = endsInMs === undefined ? {} : { expiresAt: clock.now() + endsInMs }
    session.identity = { user: { id: 'ada' }, ...expiresAt }
    lifetime.identified(session)
    return session
  }
  return { clock, closed, sent, checked, open, identified: lifetime.identified }
}

test('a session that only reads ends with its token, within a tick', () => {
  const { clock, closed, sent, open } = setup()
  open(2 * edgeTimes.warnMs)
  clock.pass(edgeTimes.warnMs - tickMs)
  expect(sent).toEqual([])
  clock.pass(2 * tickMs)
  expect(sent).toHaveLength(1)
  clock.pass(edgeTimes.warnMs - 2 * tickMs)
  expect(closed).toEqual([])
  clock.pass(2 * tickMs)
  expect(closed).toEqual(['TOKEN_EXPIRED'])
})

test('a wall clock that is set ahead ends at once each session whose token has ended by it', () => {
  const { clock, closed, open } = setup()
  open(hourMs / 2)
  open(2 * hourMs)
  open()
  clock.pass(10_000)
  clock.setWall(hourMs)
  expect(closed).toEqual([])
  clock.pass(tickMs)
  expect(closed).toEqual(['TOKEN_EXPIRED'])
})

test('a wall clock that is set ahead requests a new token at once if the old one expires soon', () => {
  const { clock, closed, sent, open } = setup()
  open(hourMs + edgeTimes.warnMs / 2)
  clock.setWall(hourMs)
  clock.pass(tickMs)
  expect(closed).toEqual([])
  expect(sent).toEqual([expect.stringContaining('"expiring"')])
})

test('a wall clock that is set back ends no session early, and tokens expire by it', () => {
  const { clock, closed, sent, open } = setup()
  open(2 * edgeTimes.warnMs)
  clock.pass(edgeTimes.warnMs + tickMs)
  expect(sent).toHaveLength(1)
  clock.setWall(-hourMs)
  clock.pass(hourMs)
  expect(closed).toEqual([])
  expect(sent).toHaveLength(2)
  clock.pass(edgeTimes.warnMs + tickMs)
  expect(closed).toEqual(['TOKEN_EXPIRED'])
})

test('a client that resends the same token is asked again at half of its remaining lifetime', () => {
  const { clock, closed, sent, open, identified } = setup()
  const session = open(edgeTimes.warnMs)
  for (let second = 0; second < 55; second += 1) {
    const told = sent.length
    clock.pass(1_000)
    if (sent.length > told) identified(session)
  }
  expect(sent.length).toBeGreaterThan(1)
  expect(sent.length).toBeLessThanOrEqual(5)
  expect(closed).toEqual([])
  clock.pass(5_000 + tickMs)
  expect(closed).toEqual(['TOKEN_EXPIRED'])
})

test('permissions of an open session are checked every half minute, only with a `permit` hook', () => {
  const { clock, checked, open } = setup({ permit: true })
  const session = open()
  clock.pass(edgeTimes.recheckMs - tickMs)
  expect(checked).toEqual([])
  clock.pass(2 * tickMs)
  expect(checked).toEqual([session])
  clock.pass(3 * edgeTimes.recheckMs)
  expect(checked.length).toBeGreaterThanOrEqual(3)
  const free = setup()
  free.open()
  free.clock.pass(10 * edgeTimes.recheckMs)
  expect(free.checked).toEqual([])
})
