import { expect, test } from 'vitest'
import { madeFacts } from '../../test/parts/made-facts.ts'
import { estimateOf } from './estimate.ts'

const urls = Array.from({ length: 30 }, (_, no) => `ws://127.0.0.${no + 1}:8080/rusher`)
const asked = { connections: 300_000, arrivalsPerSecond: 1_000, serverIsHere: true, urls }

test('the estimate has memory, descriptors and CPU, in 80 columns', () => {
  const { fits, openingS, lines } = estimateOf({
    ...asked,
    facts: madeFacts({ cores: 2, freeBytes: 20e9 }),
  })
  expect(fits).toBe('yes')
  expect(openingS).toBe(300)
  expect(lines).toEqual([
    '300,000 connections and their server on this machine need about:',
    '  memory       5.59 GiB, 33.3 % of what is free',
    expect.stringMatching(/^ {2}descriptors {2}[\d,]+ in each of \d+ workers \(limit 1,048,576\)$/),
    '  CPU          4 min 30 s of 2 cores to connect, which takes 5 min 0 s at least',
  ])
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
})

test('a machine that holds half of the connections or more is short, and says of what', () => {
  const { fits, max, lines } = estimateOf({ ...asked, facts: madeFacts({ freeBytes: 4e9 }) })
  expect(fits).toBe('no')
  expect(max).toBe(180_000)
  expect(lines.at(-1)).toContain('limited by memory')
})

test('a machine that holds less than half is hopeless', () => {
  expect(estimateOf({ ...asked, facts: madeFacts({ freeBytes: 2e9 }) }).fits).toBe('hopeless')
})

test('slow cores set the time, where connections are to come faster', () => {
  const facts = madeFacts({ cores: 1 })
  expect(estimateOf({ ...asked, arrivalsPerSecond: 100_000, facts }).openingS).toBe(270)
})
