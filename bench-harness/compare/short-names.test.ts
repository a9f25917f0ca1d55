import { expect, test } from 'vitest'
import { shortNames } from './short-names.ts'

test('names that fit stay as they are', () => {
  expect(shortNames(['before', 'after'], 10)).toEqual(['before', 'after'])
})

test('names that are too long lose their end where their beginnings differ', () => {
  expect(shortNames(['edges=2 with more', 'edges=4 with more'], 10)).toEqual([
    'edges=2 w…',
    'edges=4 w…',
  ])
})

test('names that begin alike lose their middle, and names that also end alike get a number', () => {
  expect(shortNames(['server 0.1.0 sqlite', 'server 0.1.0 memory'], 12)).toEqual([
    'server…qlite',
    'server…emory',
  ])
  const alike = ['x', 'y'].map((middle) => `${'a'.repeat(20)}${middle}${'a'.repeat(20)}`)
  const short = shortNames(alike, 12)
  expect(short).toEqual([`${'a'.repeat(9)}… 1`, `${'a'.repeat(9)}… 2`])
})
