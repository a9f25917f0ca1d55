import { describe, expect, test } from 'vitest'
import type { Identity } from '../../auth/auth.ts'
import { type SignedState, signState } from './awareness-state.ts'

const ann: Identity = { user: { id: 'ann', name: 'Ann' } }
const rules = { identity: ann, mayWrite: true, bytesMax: 64 * 1024, depthMax: 32 }
const user = { id: 'ann', name: 'Ann' }

function told(state: unknown, more: Partial<typeof rules> = {}): unknown {
  const signed: SignedState = signState(JSON.stringify(state), { ...rules, ...more })
  return 'state' in signed ? JSON.parse(signed.state) : signed.fault
}

const id = { client: 2 ** 40, clock: 7 }
const position = { type: null, tname: 'default', item: null, assoc: 0 }

describe('what a client says of itself', () => {
  test('carries the name that the server knows, and is gone when it says so', () => {
    expect(told({ user: { id: 'ben', name: 'Ben', team: 'x' } })).toEqual({
      user: { ...user, team: 'x' },
    })
    expect(told({})).toEqual({ user })
    expect(told(null)).toBe(null)
    const anonymous: Identity = { user: { id: 'a1' }, anonymous: true, selfDeclared: true }
    expect(told({ user: { name: 'Guest' } }, { identity: anonymous })).toEqual({
      user: { name: 'Guest' },
    })
  })

  test('has a name that it chose beside the id, where users are known and it has none', () => {
    const eve: Identity = { user: { id: 'eve' } }
    expect(told({ user: { id: 'ann', name: 'Ann', team: 'x' } }, { identity: eve })).toEqual({
      user: { id: 'eve', name: 'Ann (eve)', nameChosen: true, team: 'x' },
    })
    expect(told({ name: 'Ann' }, { identity: eve })).toMatchObject({ name: 'Ann (eve)' })
    expect(told({ user: { name: '' } }, { identity: eve })).toEqual({ user: { id: 'eve' } })
    const guest: Identity = { user: { id: 'guest-1' }, anonymous: true }
    expect(told({ user: { id: 'ann', name: 'Ann' } }, { identity: guest })).toMatchObject({
      user: { id: 'guest-1', name: 'Ann (guest-1)' },
    })
  })

  test('has the name of its token wherever it shows one, and cannot set the mark itself', () => {
    expect(told({ name: 'Ben', user: { name: 'Ben', nameChosen: true } })).toEqual({
      name: 'Ann',
      user,
    })
  })

  test('has whatever name it chose on an open server', () => {
    const declared: Identity = { user: { id: 'eve' }, selfDeclared: true }
    expect(told({ user: { name: 'Ann' } }, { identity: declared })).toEqual({
      user: { id: 'eve', name: 'Ann' },
    })
  })

  test.each([[7], ['text'], [[1]], [true]])('is refused as %j', (state) => {
    expect(told(state)).toBe('not an object')
  })

  test('is refused when it is not JSON, too large in bytes, or nested too deep', () => {
    expect(signState('{', rules)).toEqual({ fault: 'not an object' })
    const state = { note: 'ä'.repeat(32 * 1024) }
    expect(told(state)).toBe('too large')
    expect(told({ note: 'a'.repeat(63 * 1024) })).not.toBe('too large')
    const deep = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
    expect(signState(deep(31), rules)).toHaveProperty('state')
    expect(signState(deep(32), rules)).toEqual({ fault: 'too deep' })
    expect(signState(deep(30_000), rules)).toEqual({ fault: 'too deep' })
  })

  test('keeps the positions of an editor, completed to all of their keys', () => {
    const cursor = { anchor: { tname: 'default' }, head: { item: id, type: id, assoc: -1 } }
    expect(told({ cursor })).toEqual({
      cursor: { anchor: position, head: { type: id, tname: null, item: id, assoc: -1 } },
      user,
    })
    const selection = { anchor: position, focus: position }
    expect(told({ selection })).toEqual({ selection, user })
    expect(told({ cursor: null, anchorPos: null, focusPos: position })).toEqual({
      cursor: null,
      anchorPos: null,
      focusPos: position,
      user,
    })
  })

  test.each([
    [{ anchor: position }, true],
    [{ anchor: null, head: position }, false],
    [{ anchor: 1, head: 2 }, false],
    [{ anchor: {}, head: position }, false],
    [{ anchor: { item: { client: 1 } }, head: position }, false],
    [{ anchor: { item: { client: -1, clock: 0 } }, head: position }, false],
    [{ anchor: { item: { client: 0.5, clock: 0 } }, head: position }, false],
    [{ anchor: { tname: 7 }, head: position }, false],
    [{ anchor: { tname: 'x'.repeat(300) }, head: position }, false],
    [{ anchor: position, head: { ...position, assoc: 'x' } }, false],
    [{ anchor: position, focus: 'x' }, false],
  ])('keeps the cursor %j: %s', (cursor, kept) => {
    expect(Object.hasOwn(told({ cursor }) as object, 'cursor')).toBe(kept)
    expect(Object.hasOwn(told({ selection: cursor }) as object, 'selection')).toBe(kept)
  })

  test.each([[7], [0], ['after'], [{ x: 1, y: 2 }], [[3, 4]]])(
    'keeps %j as the cursor of another program, and takes it out where a reader says it',
    (cursor) => {
      expect(told({ cursor })).toEqual({ cursor, user })
      expect(told({ cursor, selection: cursor }, { mayWrite: false })).toEqual({ user })
    },
  )

  test('keeps colours and leaves out what would end a style, and names that are none', () => {
    const fine = ['#ffa500', 'red', 'rgb(1, 2, 3)', 'hsl(120deg 50% 40% / 0.5)', 'var(--me)']
    for (const color of fine)
      expect(told({ user: { color } })).toEqual({ user: { ...user, color } })
    const bad = ['red;position:fixed', 'url(//x)', '#ff', 'x'.repeat(40), '"', 7, {}]
    for (const color of bad) expect(told({ user: { color } })).toEqual({ user })
    expect(told({ color: 'red;', name: 7 })).toEqual({ user })
    expect(told({ color: 0xff0000 })).toEqual({ color: 0xff0000, user })
    expect(told({ user: 'Ann' })).toEqual({ user })
    const anonymous: Identity = { user: { id: 'a1' }, anonymous: true, selfDeclared: true }
    const long = { user: { name: 'x'.repeat(300) }, name: 'y'.repeat(300) }
    expect(told(long, { identity: anonymous })).toEqual({
      user: { name: 'x'.repeat(256) },
      name: 'y'.repeat(256),
    })
  })

  test('of another program passes from a writer but not from a reader', () => {
    const state = { pointer: { x: 1 }, status: 'away', user: { color: 'red', more: { a: 1 } } }
    expect(told(state)).toEqual({ ...state, user: { ...user, ...state.user } })
    expect(told(state, { mayWrite: false })).toEqual({ user: { color: 'red', ...user } })
    const cursor = { anchor: position, head: position }
    expect(told({ cursor: { ...cursor, more: 1 } }, { mayWrite: false })).toEqual({ cursor, user })
  })

  test("says whether the cursor is another program's", () => {
    const signed = (cursor: unknown) => signState(JSON.stringify({ cursor }), rules)
    expect(signed({ x: 1 })).toHaveProperty('otherCursor', true)
    expect(signed(0)).toHaveProperty('otherCursor', true)
    for (const cursor of [null, { anchor: position, head: position }, { anchor: 7 }]) {
      expect(signed(cursor)).not.toHaveProperty('otherCursor')
    }
  })

  test('cannot bring a prototype along', () => {
    const signed = signState('{"__proto__":{"x":1},"user":{"__proto__":{"y":1}}}', rules)
    expect(signed).toEqual({ state: JSON.stringify({ user }) })
  })
})
