import { expect, test } from 'vitest'
import { createFakeRun } from '../../../../../test/bench/parts/fake-run.ts'
import { lookOf } from '../look.ts'
import type { Line } from '../spans.ts'
import { areaGraph } from './area-graph.ts'
import { heatMap, heatStrip } from './heat-map.ts'
import { greatestOf, slotsOf, windowOf } from './slots.ts'
import { sparkline } from './sparkline.ts'

const many = lookOf({ TERM: 'xterm', LANG: 'C.UTF-8' })
const few = lookOf({ TERM: 'xterm', LANG: 'C' })
const textOf = (line: Line | undefined) => (line ?? []).map(({ text }) => text).join('')

function secondsOf(count: number) {
  const run = createFakeRun({ seed: 1 })
  for (let second = 0; second < count; second++) run.step()
  return run.view().seconds
}

test('a sparkline has a step for each value and a blank where there is none', () => {
  expect(sparkline([0, 4, 8, undefined, 99], 8, many)).toBe('▁▅█ █')
  expect(sparkline([0, 4, 8, undefined], 8, few)).toBe('_+# ')
  expect(sparkline([0, 0], 0, many)).toBe('▁▁')
})

test('an area is filled from below, the plan is a line above it', () => {
  const graph = {
    values: [8, 8, 4, 4, 0, 0],
    plan: [8, 8, 8, 8, 8, 8],
    max: 8,
    width: 3,
    height: 2,
  }
  expect(areaGraph(graph, many).map(textOf)).toEqual(['⣿⠉⠉', '⣿⣿ '])
  const plain = { values: [8, 4, 0], plan: [8, 8, 8], max: 8, width: 3, height: 2 }
  expect(areaGraph(plain, few).map(textOf)).toEqual(['#..', '## '])
})

test('whatever is more than nothing has a dot', () => {
  const graph = { values: [1, 1], max: 1_000_000, width: 1, height: 3 }
  expect(areaGraph(graph, many).map(textOf)).toEqual([' ', ' ', '⣀'])
})

test('a young run fills a shorter window, an old one ends at the right', () => {
  expect(windowOf(secondsOf(20), 120)).toEqual({ startS: 0, lengthS: 30 })
  expect(windowOf(secondsOf(50), 30)).toEqual({ startS: 20, lengthS: 30 })
})

test('every second of the window is in a column, those to come in none', () => {
  const slots = slotsOf(secondsOf(45), 60, 20)
  expect(slots.flat().map(({ t }) => t)).toEqual(Array.from({ length: 45 }, (_, t) => t))
  expect(greatestOf(slots, ({ t }) => t)).toEqual([
    ...Array.from({ length: 15 }, (_, slot) => slot * 3 + 2),
    ...Array.from({ length: 5 }, () => undefined),
  ])
})

test('only what is beyond the bound has the darkest shade', () => {
  const slots = slotsOf(secondsOf(50), 60, 60)
  const strip = [...textOf(heatStrip({ slots, kind: 'echo', boundMs: 50, log: true }, many))]
  const darkest = strip.flatMap((shade, t) => (shade === '█' ? [t] : []))
  expect(darkest).toEqual([42, 43, 44])
})

test('a map of heat has its rows in order and marks the bound', () => {
  const slots = slotsOf(secondsOf(50), 60, 60)
  for (const log of [true, false]) {
    const map = heatMap({ slots, kind: 'echo', boundMs: 50, log }, 12, many).map(textOf)
    expect(map).toHaveLength(12)
    expect(map.filter((row) => row.includes('≤50 ms'))).toHaveLength(1)
  }
})
