import { expect, test } from 'vitest'
import { createFakeRun } from '../../../test/bench/parts/fake-run.ts'
import { followInJson } from './json-lines.ts'

interface Line {
  readonly v: number
  readonly event: string
  readonly [field: string]: unknown
}

async function wholeRun() {
  const run = createFakeRun({ seed: 1 })
  let text = ''
  const followed = followInJson(run, {
    write: (more: string) => {
      text += more
    },
  })
  for (let second = 0; second < 64; second++) run.step()
  const result = await followed
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  return { result, lines }
}

test('every line is an object with a version and an event', async () => {
  const { lines } = await wholeRun()
  expect(lines.every(({ v, event }) => v === 1 && typeof event === 'string')).toBe(true)
})

test('the last line is the result, and only the last', async () => {
  const { lines, result } = await wholeRun()
  expect(lines.at(-1)).toEqual(JSON.parse(JSON.stringify(result)))
  expect(lines.filter(({ event }) => event === 'result')).toHaveLength(1)
})

test('every second is written once, in order, with percentiles instead of buckets', async () => {
  const { lines } = await wholeRun()
  const seconds = lines.filter(({ event }) => event === 'second')
  expect(seconds.map((second) => second['t'])).toEqual(Array.from({ length: 64 }, (_, t) => t))
  expect(seconds.at(40)).toHaveProperty('latency.echo.p99')
  expect(seconds.at(40)).not.toHaveProperty('histograms')
})

test('a host is written when its state changes, and then only', async () => {
  const { lines } = await wholeRun()
  const states = lines
    .filter(({ event, name }) => event === 'host' && name === 'box-2')
    .map((line) => line['state'])
  expect(states).toEqual(['preparing', 'running', 'stale', 'running', 'done'])
})
