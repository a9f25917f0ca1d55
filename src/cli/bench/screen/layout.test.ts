import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bodyRows, isTooSmall, overviewLayout, shareOut } from './layout.ts'

test('the panels of the overview fill its rows exactly, at every size and number of hosts', () => {
  const columns = fc.integer({ min: 80, max: 300 })
  const rows = fc.integer({ min: 24, max: 120 })
  const hosts = fc.integer({ min: 0, max: 200 })
  fc.assert(
    fc.property(columns, rows, hosts, (columns, rows, hosts) => {
      const size = { columns, rows }
      const layout = overviewLayout(size, hosts)
      const upper = layout.wide ? layout.ready : layout.ready + layout.latency
      expect(upper + layout.hosts + layout.lower + layout.events).toBe(bodyRows(size))
      expect(Math.min(layout.ready, layout.hosts, layout.lower, layout.events)).toBeGreaterThan(1)
    }),
  )
})

test('a row of the terminal stays free, so that it never scrolls', () => {
  expect(bodyRows({ columns: 80, rows: 24 }) + 3 + 1).toBe(23)
})

test('below 80x24 it is too small', () => {
  expect(isTooSmall({ columns: 80, rows: 24 })).toBe(false)
  expect(isTooSmall({ columns: 79, rows: 24 })).toBe(true)
  expect(isTooSmall({ columns: 80, rows: 23 })).toBe(true)
})

test('what is left over goes by weight, and nobody gets more than it can use', () => {
  const wants = [
    { least: 1, most: 2, weight: 5 },
    { least: 1, most: 9, weight: 1 },
  ]
  expect(shareOut(6, wants)).toEqual([2, 4])
})
