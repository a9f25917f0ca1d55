import { expect, test } from 'vitest'
import { createSilence } from './silence.ts'

test('ten seconds without a word stop the load once, twenty end the runner', () => {
  const silence = createSilence()
  const due = Array.from({ length: 21 }, () => silence.second())
  expect(due.indexOf('stop')).toBe(9)
  expect(due.filter((one) => one === 'stop')).toHaveLength(1)
  expect(due.indexOf('end')).toBe(19)
})

test('a word begins it anew', () => {
  const silence = createSilence()
  for (let second = 0; second < 9; second++) silence.second()
  silence.heard()
  expect(Array.from({ length: 9 }, () => silence.second())).toEqual(Array(9).fill('go on'))
  expect(silence.second()).toBe('stop')
})
