import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { silentLog } from '../log/log.ts'
import type { Clock } from './clock.ts'
import {
  contain,
  contained,
  type FaultContext,
  runContained,
  withContainedTimers,
} from './containment.ts'

function watched(): FaultContext & { readonly counted: string[]; readonly logged: unknown[] } {
  const counted: string[] = []
  const logged: unknown[] = []
  return {
    counted,
    logged,
    log: { ...silentLog, error: (fields) => void logged.push((fields as { err: unknown }).err) },
    metrics: { internalError: (place) => void counted.push(place) },
  }
}

test('a rejected background promise is logged with its cause and counted', async () => {
  const parts = watched()
  const fault = new Error('a bug')
  const failed: unknown[] = []
  contain(parts, 'http', Promise.reject(fault), (error) => void failed.push(error))
  contain(parts, 'http', Promise.resolve(1), () => void failed.push('never'))
  await setImmediate()
  expect(parts.counted).toEqual(['http'])
  expect(parts.logged).toEqual([fault])
  expect(failed).toEqual([fault])
})

test('a listener that throws is reported, and its answer to the caller is sent after that', () => {
  const parts = watched()
  const answered: number[] = []
  const listener = contained(
    parts,
    'frame',
    (no: number) => {
      if (no === 2) throw new Error('a bug')
      answered.push(no)
    },
    (no) => void answered.push(-no),
  )
  for (const no of [1, 2, 3]) listener(no)
  expect(answered).toEqual([1, -2, 3])
  expect(parts.counted).toEqual(['frame'])
})

test('an answer that throws too is reported and thrown nowhere', () => {
  const parts = watched()
  const fail = (): never => {
    throw new Error('a bug')
  }
  runContained(parts, 'timer', fail, fail)
  expect(parts.counted).toEqual(['timer', 'timer'])
})

test('a timer that throws is reported each time and keeps running', () => {
  const parts = watched()
  let turn: () => void = () => undefined
  const clock: Clock = {
    now: () => 0,
    monotonicMs: () => 0,
    every(_, run) {
      turn = run
      return { stop: () => undefined }
    },
  }
  withContainedTimers(clock, parts).every(10, () => {
    throw new Error('a bug')
  })
  turn()
  turn()
  expect(parts.counted).toEqual(['timer', 'timer'])
})
