import { expect, test } from 'vitest'
import { metricOf } from './server-metrics.ts'

const text = `# HELP rusher_commit_items Items in a batch
rusher_commit_items_sum 30
rusher_commit_items_count 3
rusher_closed_total{reason="a b"} 1
rusher_closed_total{reason="c"} 2
`

test('a figure is found by its whole name, and summed over its labels', () => {
  expect(metricOf(text, 'rusher_commit_items_count')).toBe(3)
  expect(metricOf(text, 'rusher_closed_total')).toBe(3)
})

test('a figure that is not there is no zero', () => {
  expect(() => metricOf(text, 'rusher_commit_items')).toThrow('no rusher_commit_items')
})
