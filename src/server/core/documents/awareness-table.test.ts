import { describe, expect, test } from 'vitest'
import { AwarenessTable } from './awareness-table.ts'

const ann = { id: 'ann' }
const ben = { id: 'ben' }
const at = (client: number, clock: number, state = '{"here":1}') => ({ client, clock, state })
const createTable = (bytesMax = 1_000_000) => new AwarenessTable({ graceMs: 3_000, bytesMax })

describe('a place in a document', () => {
  test('is told when it appears and changes, and not when nothing is new', () => {
    const table = createTable()
    expect(table.announce('1/1', ann, at(7, 3))).toEqual(at(7, 3))
    expect(table.announce('1/1', ann, at(7, 3))).toBeUndefined()
    expect(table.announce('1/1', ann, at(7, 4, '{"here":2}'))).toEqual(at(7, 4, '{"here":2}'))
    expect(table.announce('1/1', ann, at(7, 5, '{"here":2}'))?.valueOf()).toMatchObject({
      clock: 5,
    })
    expect(table.announce('1/1', ann, at(7, 5, 'null'))).toEqual(at(7, 6, 'null'))
    expect(table.present()).toEqual([])
    expect(table.announce('1/1', ann, at(7, 6, 'null'))).toBeUndefined()
  })

  test('belongs to its user, and a connection speaks for one', () => {
    const table = createTable()
    table.announce('1/1', ann, at(7, 3))
    table.announce('1/2', ben, at(8, 1))
    expect(table.announce('1/2', ben, at(7, 9, 'null'))).toBeUndefined()
    expect(table.announce('1/2', ben, at(9, 1))).toBeUndefined()
    expect(table.announce('1/3', ben, at(7, 9))).toBeUndefined()
    expect(table.present().map(({ client }) => client)).toEqual([7, 8])
  })

  test('can be taken by another user once its own has left, as on a shared computer', () => {
    const table = createTable()
    table.announce('1/1', ann, at(7, 3))
    expect(table.leave('1/1', 0, false)).toBeUndefined()
    expect(table.announce('1/2', ben, at(7, 0))).toBeUndefined()
    table.tick(3_000)
    expect(table.announce('1/3', ben, at(7, 0))).toMatchObject({ client: 7, clock: 5 })
    expect(table.announce('1/4', ann, at(7, 9))).toBeUndefined()
  })

  test('goes to the newest connection of its user, and the end of the old one changes nothing', () => {
    const table = createTable()
    table.announce('1/1', ann, at(7, 3))
    expect(table.announce('1/2', ann, at(7, 3))).toBeUndefined()
    expect(table.leave('1/1', 0, false)).toBeUndefined()
    expect(table.tick(10_000)).toEqual([])
    expect(table.present()).toEqual([at(7, 3)])
  })

  test('is kept for a while, and is told gone after it, and comes back under a clock that peers accept', () => {
    const table = createTable()
    table.announce('1/1', ann, at(7, 3))
    expect(table.leave('1/1', 1_000, false)).toBeUndefined()
    expect(table.restless).toBe(true)
    expect(table.tick(3_999)).toEqual([])
    expect(table.tick(4_000)).toEqual([at(7, 4, 'null')])
    expect(table.restless).toBe(false)
    expect(table.announce('1/2', ann, at(7, 3))).toEqual(at(7, 5))
    // And from then on it stays ahead of what peers know.
    expect(table.announce('1/2', ann, at(7, 4))).toEqual(at(7, 6))
  })

  test('is gone at once when it is left on purpose', () => {
    const table = createTable()
    table.announce('1/1', ann, at(7, 3))
    expect(table.leave('1/1', 0, true)).toEqual(at(7, 4, 'null'))
  })

  test('cannot be locked by a clock far ahead', () => {
    const table = createTable()
    table.announce('1/1', ann, at(7, 3))
    expect(table.announce('1/1', ann, at(7, 2 ** 31))).toBeUndefined()
    expect(table.announce('1/1', ann, at(7, 4))).toMatchObject({ clock: 4 })
  })
})

describe('a page that is rebuilt with the same document', () => {
  const first = '{"at":"first"}'
  const second = '{"at":"second"}'

  test('is seen at once on its new connection, though its clock begins at 0, on this edge or another', () => {
    for (const key of ['1/2', '2/1']) {
      const table = createTable()
      table.announce('1/1', ann, at(7, 30, first))
      expect(table.announce(key, ann, at(7, 0, second))).toEqual(at(7, 31, second))
      expect(table.announce(key, ann, at(7, 1, first))).toEqual(at(7, 32, first))
      // A renewal is announced: peers drop clients that are silent for 30 s.
      expect(table.announce(key, ann, at(7, 2, first))).toEqual(at(7, 33, first))
    }
  })

  test('is seen at once after it had left, within the time for coming back and later', () => {
    const table = createTable()
    table.announce('1/1', ann, at(7, 30, first))
    table.leave('1/1', 0, false)
    expect(table.announce('1/2', ann, at(7, 0, second))).toEqual(at(7, 31, second))
    expect(table.restless).toBe(false)
    expect(table.leave('1/2', 0, true)).toEqual(at(7, 32, 'null'))
    expect(table.announce('1/3', ann, at(7, 0, second))).toEqual(at(7, 33, second))
  })

  test('is not removed, changed or replaced by what the old connection still says', () => {
    const table = createTable()
    table.announce('1/1', ann, at(7, 30, first))
    table.announce('1/2', ann, at(7, 0, second))
    expect(table.announce('1/1', ann, at(7, 31, first))).toBeUndefined()
    expect(table.announce('1/1', ann, at(7, 32, 'null'))).toBeUndefined()
    expect(table.leave('1/1', 0, true)).toBeUndefined()
    expect(table.present()).toEqual([at(7, 31, second)])
  })

  test('leaves the place to the connection before it, if that one is still there', () => {
    const table = createTable()
    table.announce('1/1', ann, at(7, 30, first))
    table.announce('1/2', ann, at(7, 0, second))
    expect(table.leave('1/2', 0, false)).toEqual(at(7, 32, first))
    expect(table.restless).toBe(false)
    expect(table.leave('1/1', 0, true)).toEqual(at(7, 33, 'null'))
  })

  test('may count from 0 again on the connection that it has', () => {
    const table = createTable()
    table.announce('1/1', ann, at(7, 30, first))
    expect(table.announce('1/1', ann, at(7, 0, first))).toBeUndefined()
    expect(table.announce('1/1', ann, at(7, 1, second))).toEqual(at(7, 31, second))
  })
})

test('all states can be rewritten, including those in their grace period and those that count later', () => {
  const table = createTable()
  table.announce('1/1', ann, at(7, 1, '"a"'))
  table.announce('1/2', ann, at(7, 1, '"b"'))
  table.announce('1/3', ben, at(8, 1, '"c"'))
  table.leave('1/3', 0, false)
  table.announce('1/4', ben, at(9, 1, '"same"'))
  table.announce('1/5', ben, at(10, 1))
  table.leave('1/5', 0, true)
  expect(table.rewrite((state) => (state.length === 3 ? `${state} ` : state))).toEqual([
    at(7, 3, '"b" '),
    at(8, 2, '"c" '),
  ])
  expect(table.leave('1/2', 0, true)).toEqual(at(7, 4, '"a" '))
})

describe('large states', () => {
  const large = (letter: string, bytes = 5_000) => JSON.stringify(letter.repeat(bytes))

  test('are refused beyond the limit of the document, and the previous state stays', () => {
    const table = createTable(10_100)
    table.announce('1/1', ann, at(7, 1, large('a')))
    table.announce('1/2', ben, at(8, 1, large('b')))
    expect(table.announce('1/2', ben, at(8, 2, large('c', 6_000)))).toBe('full')
    expect(table.renew('1/2')).toEqual(at(8, 2, large('b')))
    expect(table.announce('1/3', ben, at(9, 1, large('d')))).toBe('full')
    expect(table.renew('1/3')).toBeUndefined()
    expect(table.announce('1/3', ben, at(9, 2))).toEqual(at(9, 2))
    expect(table.announce('1/2', ben, at(8, 3, large('c')))).toEqual(at(8, 3, large('c')))
  })

  test('give their room back when they shrink, leave, or do not come back', () => {
    const table = createTable(6_000)
    const fits = (key: string, client: number): boolean => {
      const said = table.announce(key, ann, at(client, 1, large('x')))
      return said !== 'full'
    }
    for (let round = 1; round < 5; round += 1) {
      expect(fits(`1/${round}`, round)).toBe(true)
      expect(fits(`2/${round}`, round + 100)).toBe(false)
      // Two connections have two states.
      table.announce(`3/${round}`, ann, at(round, 1))
      if (round === 1) table.announce('1/1', ann, at(1, 2))
      table.leave(`3/${round}`, 0, true)
      table.leave(`1/${round}`, 0, round % 2 === 0)
      if (round === 3) expect(fits('2/0', 200)).toBe(false)
      table.tick(3_000)
    }
  })

  test('of client ids that have left are not kept, and the oldest of those ids are forgotten', () => {
    const table = createTable()
    for (let client = 0; client < 3_000; client += 1) {
      table.announce(`1/${client}`, ann, at(client, 5))
      table.leave(`1/${client}`, 0, true)
    }
    // Remembered: it continues above the clock that peers have. Forgotten: it starts again.
    expect(table.announce('2/1', ann, at(2_999, 0))).toMatchObject({ clock: 7 })
    expect(table.announce('2/2', ann, at(0, 0))).toMatchObject({ clock: 0 })
  })
})
