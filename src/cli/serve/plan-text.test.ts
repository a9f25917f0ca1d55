import { expect, test } from 'vitest'
import { planCapacity } from '../../server/index.ts'
import { planRows, warningLines } from './plan-text.ts'

const machine = {
  cores: 4,
  memoryBytes: 8e9,
  heapLimitBytes: 2_096 * 1024 * 1024,
  descriptorsMax: 20_000,
}
/** What a banner has before a row's text. */
const columnsBefore = 15

test('a plan is a few rows that fit a terminal of 80 columns', () => {
  for (const capacity of [100, 270_000, 4_800_000]) {
    const rows = planRows(planCapacity({ capacity, sessionsMax: 100_000 }, machine))
    expect(rows.map(([name]) => name)).toEqual(['capacity', 'heap', 'files', 'memory'])
    for (const [, text] of rows) expect(columnsBefore + text.length).toBeLessThanOrEqual(80)
  }
})

test('what to do about a warning stands on a line of its own, to be copied', () => {
  const poor = { ...machine, tcpPressurePages: 10, somaxconn: 128 }
  const lines = warningLines(planCapacity({ capacity: 270_000, sessionsMax: 1e6 }, poor), 60)
  expect(lines).toEqual([
    '▲ only 128 connections may wait to be taken, and of a storm',
    '  the rest is lost:',
    '    sysctl -w net.core.somaxconn=65535',
    '▲ TCP begins to save at 10 pages of buffers, which is less',
    '  than one a session:',
    '    sysctl -w net.ipv4.tcp_mem="270000 540000 1080000"',
  ])
})
