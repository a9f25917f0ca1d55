import { describe, expect, test } from 'vitest'
import { diffStrings } from './text-diff.ts'

/** What the steps make of a text. */
function applied(old: string, wanted: string): string {
  let at = 0
  let made = ''
  for (const step of diffStrings(old, wanted)) {
    if (step.kind === 'insert') made += step.insert
    else {
      if (step.kind === 'retain') made += old.slice(at, at + step.length)
      at += step.length
    }
  }
  expect(at).toBe(old.length)
  return made
}

describe('One text becomes another', () => {
  const long = 'x'.repeat(5_000_000)
  const pairs: readonly (readonly [string, string, string])[] = [
    ['from nothing', '', 'all new'],
    ['to nothing', 'all gone', ''],
    ['with a word changed', 'one two three', 'one 2 three'],
    ['with a half of a character in common', 'a 😀 b', 'a 😁 b'],
    ['with more of the same', 'aaa', 'aaaaa'],
    ['with unpaired halves', 'a\ud800b', 'a\udc00b'],
    ['with 5 MB of one word from nothing', '', long],
    ['with one letter within 5 MB of one word', long, `${long.slice(9)}y${long.slice(0, 8)}`],
    ['with 5 MB of another word', long, 'y'.repeat(5_000_000)],
    ['with 1 MB of other words', 'some word '.repeat(100_000), 'any words '.repeat(100_000)],
  ]
  test.each(pairs)('%s', (_, old, wanted) => {
    expect(applied(old, wanted) === wanted).toBe(true)
  })

  test('by the fewest words', () => {
    expect(diffStrings('one two three four', 'one 2 three 4')).toEqual([
      { kind: 'retain', length: 4 },
      { kind: 'delete', length: 3 },
      { kind: 'insert', insert: '2' },
      { kind: 'retain', length: 7 },
      { kind: 'delete', length: 4 },
      { kind: 'insert', insert: '4' },
    ])
  })

  test('and the same text takes no step but to keep it', () => {
    expect(diffStrings('same', 'same')).toEqual([{ kind: 'retain', length: 4 }])
  })
})
