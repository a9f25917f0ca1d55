import { expect, test } from 'vitest'
import type { Answer } from '../../link/link.ts'
import type { Clock } from '../../runtime/clock.ts'
import { callKinds, createPendingRequests } from './pending-requests.ts'

const accepted: Answer = { kind: 'accepted' }

function stage() {
  let nowMs = 0
  let look: () => void = () => undefined
  const clock: Clock = {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    every(_, run) {
      look = run
      return { stop: () => undefined }
    },
  }
  const faults: unknown[] = []
  const calls = createPendingRequests(clock, (error) => void faults.push(error))
  const passTo = (ms: number): void => {
    while (nowMs < ms) {
      nowMs = Math.min(ms, nowMs + 500)
      look()
    }
  }
  return { calls, faults, passTo }
}

test('an answer goes to its caller once, and a late one is dropped', () => {
  const { calls } = stage()
  const got: string[] = []
  const first = calls.open(({ kind }) => void got.push(`first ${kind}`), 'publish')
  const second = calls.open(({ kind }) => void got.push(`second ${kind}`), 'read')
  const third = calls.open(({ kind }) => void got.push(`third ${kind}`), 'publish')
  for (const call of [third, second, second, first]) calls.answer(call, accepted)
  calls.answer(9_999_999, accepted)
  expect(got).toEqual(['third accepted', 'second accepted', 'first accepted'])
  expect(calls.waiting).toBe(0)
})

test.each(Object.entries(callKinds))(
  'a call of kind %s that gets no answer is refused at its deadline and let go of',
  (name, { withinMs, code }) => {
    const { calls, passTo } = stage()
    const got: Answer[] = []
    passTo(250)
    const call = calls.open((answer) => void got.push(answer), name as keyof typeof callKinds)
    passTo(250 + withinMs)
    expect([got.length, calls.waiting]).toEqual([0, 1])
    passTo(250 + withinMs + 1_000)
    expect(got).toMatchObject([{ kind: 'refused', refusal: { code } }])
    expect(calls.waiting).toBe(0)
    calls.answer(call, accepted)
    calls.answer(call, accepted)
    expect(got).toHaveLength(name === 'join' ? 2 : 1)
  },
)

test('calls that were opened later are refused later', () => {
  const { calls, passTo } = stage()
  const got: string[] = []
  calls.open(() => void got.push('early'), 'health')
  passTo(1_500)
  calls.open(() => void got.push('late'), 'health')
  passTo(2_500)
  expect(got).toEqual(['early'])
  passTo(4_500)
  expect(got).toEqual(['early', 'late'])
})

test('an answer whose handler throws is reported, and the others are handled', () => {
  const { calls, faults, passTo } = stage()
  const fault = new Error('a bug')
  const got: string[] = []
  for (const name of ['one', 'two', 'three']) {
    calls.open(() => {
      if (name === 'two') throw fault
      got.push(name)
    }, 'read')
  }
  passTo(40_000)
  expect(got).toEqual(['one', 'three'])
  expect(faults).toEqual([fault])
  expect(calls.waiting).toBe(0)
})
