import { describe, expect, test } from 'vitest'
import { createPresenceTable } from './presence-table.ts'

const ann = { id: 'ann' }
const ben = { id: 'ben' }
const at = (client: number, clock: number, state = '{"here":1}') => ({ client, clock, state })

describe('a place in a document', () => {
  test('is told when it appears and changes, and not when nothing is new', () => {
    const table = createPresenceTable(3_000)
    expect(table.announce('1/1', ann, at(7, 3))).toEqual({ ...at(7, 3), key: '1/1' })
    expect(table.announce('1/1', ann, at(7, 3))).toBeUndefined()
    expect(table.announce('1/1', ann, at(7, 2))).toBeUndefined()
    expect(table.announce('1/1', ann, at(7, 4, '{"here":2}'))?.state).toBe('{"here":2}')
    expect(table.announce('1/1', ann, at(7, 4, 'null'))?.state).toBe('null')
    expect(table.present()).toEqual([])
  })

  test('belongs to its user, and a connection speaks for one', () => {
    const table = createPresenceTable(3_000)
    table.announce('1/1', ann, at(7, 3))
    table.announce('1/2', ben, at(8, 1))
    expect(table.announce('1/2', ben, at(7, 9, 'null'))).toBeUndefined()
    expect(table.announce('1/2', ben, at(9, 1))).toBeUndefined()
    expect(table.announce('1/3', ben, at(7, 9))).toBeUndefined()
    expect(table.present().map(({ client }) => client)).toEqual([7, 8])
  })

  test('goes to the newest connection of its user, and the end of the old one changes nothing', () => {
    const table = createPresenceTable(3_000)
    table.announce('1/1', ann, at(7, 3))
    expect(table.announce('1/2', ann, at(7, 3))).toBeUndefined()
    expect(table.leave('1/1', 0, false)).toBeUndefined()
    expect(table.tick(10_000)).toEqual([])
    expect(table.present()[0]?.key).toBe('1/2')
  })

  test('is kept for a while, and is told gone after it, and comes back under a clock that peers accept', () => {
    const table = createPresenceTable(3_000)
    table.announce('1/1', ann, at(7, 3))
    expect(table.leave('1/1', 1_000, false)).toBeUndefined()
    expect(table.restless).toBe(true)
    expect(table.tick(3_999)).toEqual([])
    const [gone] = table.tick(4_000)
    expect(gone).toMatchObject({ client: 7, clock: 4, state: 'null' })
    expect(table.restless).toBe(false)
    const back = table.announce('1/2', ann, at(7, 3))
    expect(back?.clock).toBeGreaterThan(gone?.clock ?? 0)
    // And from then on it stays ahead of what peers know.
    expect(table.announce('1/2', ann, at(7, 4))?.clock).toBeGreaterThan(back?.clock ?? 0)
  })

  test('is gone at once when it is left on purpose', () => {
    const table = createPresenceTable(3_000)
    table.announce('1/1', ann, at(7, 3))
    expect(table.leave('1/1', 0, true)).toMatchObject({ client: 7, state: 'null' })
  })

  test('cannot be locked by a clock far ahead', () => {
    const table = createPresenceTable(3_000)
    table.announce('1/1', ann, at(7, 3))
    expect(table.announce('1/1', ann, at(7, 2 ** 31))).toBeUndefined()
    expect(table.announce('1/1', ann, at(7, 4))?.clock).toBe(4)
  })
})
