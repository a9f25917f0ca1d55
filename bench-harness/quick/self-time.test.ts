import { expect, test } from 'vitest'
import { selfTimesOf } from './self-time.ts'

const node = (id: number, functionName: string, url: string) => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
})

test('a function has the time from each sample of it to the next, wherever it was called', () => {
  const { busyMs, rows } = selfTimesOf({
    nodes: [
      node(1, '(idle)', ''),
      node(2, 'deliver', 'file:///a/hub.js'),
      node(3, 'writev', ''),
      node(4, 'deliver', 'file:///a/hub.js'),
    ],
    samples: [2, 1, 4, 3],
    timeDeltas: [0, 1_000, 5_000, 2_000],
  })
  expect(busyMs).toBe(3)
  expect(rows).toEqual([
    { where: 'deliver hub.js:10', ms: 3, share: 1 },
    { where: 'writev native:10', ms: 0, share: 0 },
  ])
})

test('a profile of nothing but idling has no rows', () => {
  const idle = { nodes: [node(1, '(idle)', '')], samples: [1, 1], timeDeltas: [0, 5] }
  expect(selfTimesOf(idle)).toEqual({ busyMs: 0, rows: [] })
})
