import { describe, expect, test } from 'vitest'
import { silentLog } from '../../log/log.ts'
import type { Said } from './awareness-table.ts'
import { CursorGuard, withoutOtherCursor } from './cursor-guard.ts'

const said = (clock: number, cursor: unknown = 7): Said => ({
  client: 1,
  clock,
  state: JSON.stringify({ cursor, user: { id: 'ann' } }),
})
const cleaned = '{"user":{"id":"ann"}}'
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** A document whose content and head the test controls. */
function createWorld() {
  const world = { head: 1, nowMs: 0, isText: false, fails: false, looks: 0, cleaned: 0 }
  const told: { readonly key: string; readonly said: Said }[] = []
  const guard = new CursorGuard(
    {
      head: () => world.head,
      async holdsElements() {
        world.looks += 1
        if (world.fails) throw new Error('the engine failed')
        return world.isText
      },
      announce: (one, key) => void told.push({ key, said: one }),
      clean() {
        world.cleaned += 1
      },
    },
    {
      now: () => 0,
      monotonicMs: () => world.nowMs,
      every: () => ({ stop: () => undefined }),
    },
    { log: silentLog, metrics: { internalError: () => undefined } },
  )
  return { world, told, guard }
}

describe("another program's cursor", () => {
  test('waits until the kind of document is known, and is announced if there are no elements', async () => {
    const { guard, told, world } = createWorld()
    expect(guard.pass('1/1', said(1))).toBeUndefined()
    expect(guard.pass('1/1', said(2))).toBeUndefined()
    expect(guard.pass('1/2', said(1))).toBeUndefined()
    guard.drop('1/2')
    await settle()
    expect(told).toEqual([{ key: '1/1', said: said(2) }])
    expect(guard.pass('1/1', said(3))).toEqual(said(3))
    expect(world.looks).toBe(1)
  })

  test('is taken out where there are elements', async () => {
    const { guard, told, world } = createWorld()
    world.isText = true
    guard.pass('1/1', said(1))
    await settle()
    expect(told).toEqual([{ key: '1/1', said: { ...said(1), state: cleaned } }])
    expect(guard.pass('1/1', said(2, { x: 1 }))).toEqual({ ...said(2), state: cleaned })
    world.isText = false
    world.head = 9
    world.nowMs = 1e9
    guard.tick()
    await settle()
    expect(world.looks).toBe(1)
  })

  test('is taken back when a document becomes a text, which is looked for when it grows, ever less often', async () => {
    const { guard, world } = createWorld()
    guard.pass('1/1', said(1))
    await settle()
    world.nowMs = 10_000
    guard.tick()
    expect(world.looks).toBe(1)
    world.head = 2
    guard.tick()
    await settle()
    expect(world.looks).toBe(2)
    world.head = 3
    world.nowMs += 999
    guard.tick()
    expect(world.looks).toBe(2)
    world.isText = true
    world.nowMs += 1
    guard.tick()
    await settle()
    expect([world.looks, world.cleaned]).toEqual([3, 1])
    expect(guard.pass('1/1', said(2))).toEqual({ ...said(2), state: cleaned })
  })

  test('is taken out while it cannot be known, and looked for again with the next', async () => {
    const { guard, told, world } = createWorld()
    world.fails = true
    guard.pass('1/1', said(1))
    await settle()
    expect(told[0]?.said.state).toBe(cleaned)
    world.fails = false
    guard.pass('1/1', said(2))
    await settle()
    expect(told[1]?.said).toEqual(said(2))
  })

  test("is distinguished from an editor's", () => {
    const editors = JSON.stringify({ cursor: { anchor: 1, head: 2 } })
    for (const kept of [editors, '{"cursor":null}', '{"a":1}', 'null']) {
      expect(withoutOtherCursor(kept)).toBe(kept)
    }
    for (const cursor of [7, 'x', [1], { x: 1 }, true]) {
      expect(withoutOtherCursor(JSON.stringify({ cursor, a: 1 }))).toBe('{"a":1}')
    }
  })
})
