import { expect, test } from 'vitest'
import { WaitingParts } from './waiting-parts.ts'

const part = (byte: number, clock: number) => ({
  update: Uint8Array.of(byte, byte),
  lacks: { client: 7, clock },
})

test('a part is given back once, when what it lacks is there', () => {
  const waiting = new WaitingParts<string>({ partsMax: 4, bytesMax: 100 })
  waiting.keep(part(1, 3), 'ann')
  waiting.keep(part(2, 5), 'bob')
  expect(waiting.advanced(new Map([[8, 100]]))).toEqual([])
  expect(waiting.advanced(new Map([[7, 3]]))).toEqual([])
  expect(waiting.advanced(new Map([[7, 4]]))).toMatchObject([{ sent: 'ann' }])
  expect(waiting.advanced(new Map([[7, 9]]))).toMatchObject([{ sent: 'bob' }])
  expect(waiting.size).toBe(0)
})

test('the same bytes are kept once, and the oldest go when there are too many', () => {
  const waiting = new WaitingParts<string>({ partsMax: 2, bytesMax: 5 })
  waiting.keep(part(1, 0), 'first')
  waiting.keep(part(1, 0), 'again')
  expect(waiting.size).toBe(1)
  waiting.keep(part(2, 0), 'second')
  waiting.keep(part(3, 0), 'third')
  expect(waiting.advanced(new Map([[7, 1]])).map(({ sent }) => sent)).toEqual(['second', 'third'])
  waiting.keep({ update: new Uint8Array(6), lacks: { client: 7, clock: 0 } }, 'too large')
  expect(waiting.size).toBe(0)
})

test('nothing is left after a deletion, and there is room for as much as before', () => {
  const waiting = new WaitingParts<string>({ partsMax: 2, bytesMax: 4 })
  waiting.keep(part(1, 0), 'before')
  waiting.keep(part(2, 0), 'before')
  waiting.clear()
  expect(waiting.size).toBe(0)
  waiting.keep(part(1, 0), 'first')
  waiting.keep(part(2, 0), 'second')
  expect(waiting.advanced(new Map([[7, 1]])).map(({ sent }) => sent)).toEqual(['first', 'second'])
})
