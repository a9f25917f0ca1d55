import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lookOf, paint } from './look.ts'
import { apart, cellsOf, clean, clip, filled, lineCells, span } from './spans.ts'

test('a line comes out exactly as wide as it is told, whatever is in it', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }).map(clean), {
    maxLength: 5,
  })
  fc.assert(
    fc.property(texts, texts, fc.integer({ min: 0, max: 40 }), (some, others, cells) => {
      const line = some.map((text) => span(text))
      const other = others.map((text) => span(text))
      expect(lineCells(filled(line, cells))).toBe(cells)
      expect(lineCells(apart(line, other, cells))).toBe(cells)
    }),
  )
})

test('full-width letters and emoji take two cells, combining marks none', () => {
  expect(['abc', '日本', '🚀', 'e\u0301', '▲✗✓─⣿'].map(cellsOf)).toEqual([3, 4, 2, 1, 5])
})

test('what is cut is marked, blanks at the end are not worth a mark', () => {
  expect(clip('abcdef', 4)).toBe('abc…')
  expect(clip('ab      ', 4)).toBe('ab  ')
})

test('nothing from outside can move the cursor', () => {
  expect(clean('a\u001b[2Jb\r\nc\u202ed')).toBe('a [2Jb c d')
})

test('NO_COLOR leaves weights, TERM=dumb nothing but ASCII', () => {
  const line = [span('✗ lost', 'bad'), span(' ok', 'good')]
  const escapes = (environment: Record<string, string>) => paint(line, lookOf(environment))
  expect(escapes({ TERM: 'xterm', LANG: 'C.UTF-8' })).toContain('\u001b[31m')
  expect(escapes({ TERM: 'xterm', LANG: 'C.UTF-8', NO_COLOR: '1' })).toBe(
    '\u001b[1m✗ lost\u001b[22m ok',
  )
  expect(escapes({ TERM: 'dumb', LANG: 'C.UTF-8' })).toBe('? lost ok')
  expect(escapes({ TERM: 'xterm', LANG: 'C.UTF-8', NO_COLOR: '' })).toContain('\u001b[31m')
})
