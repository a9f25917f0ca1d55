import { describe, expect, test } from 'vitest'
import { silentLog } from '../../log/log.ts'
import type { Row } from './document-record.ts'
import { type FollowedChange, Follower } from './follower.ts'
import { StatelessHook } from './stateless-hook.ts'

const ann = { id: 'ann' }
const counted: string[] = []
const metrics = { internalError: (place: string) => void counted.push(place) }
const row = (bytes: number): Row => ({
  atMs: 5,
  author: ann,
  advanced: new Map(),
  update: new Uint8Array(bytes),
})
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** A follower whose listener handles a change only when the test allows it. */
function createSlow(limits = { followUpdatesMax: 3, followBytesMax: 100 }) {
  const seen: FollowedChange[] = []
  const open: (() => void)[] = []
  const listener = (change: FollowedChange): Promise<void> => {
    seen.push(change)
    return new Promise((resolve) => open.push(resolve))
  }
  const follower = new Follower('notes', listener, { limits, log: silentLog, metrics })
  return {
    follower,
    seen,
    /** Lets the listener finish one change and returns the next one. */
    async next(): Promise<FollowedChange | undefined> {
      open.shift()?.()
      await settle()
      return seen.at(-1)
    },
  }
}

describe('a follower', () => {
  test('gets updates in order, one at a time, and never within their commit', async () => {
    const { follower, seen, next } = createSlow()
    follower.take(1, row(1))
    follower.take(2, row(2))
    expect(seen).toEqual([])
    await settle()
    const first = { kind: 'update', document: 'notes', offset: 1, atMs: 5, author: ann }
    expect(seen).toEqual([{ ...first, update: new Uint8Array(1) }])
    expect(await next()).toMatchObject({ offset: 2 })
    await next()
    follower.take(3, row(1))
    await settle()
    expect(seen.map((change) => change.kind === 'update' && change.offset)).toEqual([1, 2, 3])
  })

  test('gets its own copy of the bytes', async () => {
    const { follower, seen } = createSlow()
    const given = row(2)
    follower.take(1, given)
    await settle()
    const [change] = seen
    if (change?.kind === 'update') change.update.fill(9)
    expect(given.update).toEqual(new Uint8Array(2))
    expect(change).toMatchObject({ update: Uint8Array.of(9, 9) })
  })

  test.each([
    ['too many updates', 1, 4],
    ['too many bytes', 40, 3],
  ])(
    'that is slow gets what it missed as offsets and continues after it: %s',
    async (_what, bytes, most) => {
      const { follower, seen, next } = createSlow()
      follower.take(1, row(bytes))
      await settle()
      for (let offset = 2; offset < 2 + most; offset += 1) follower.take(offset, row(bytes))
      // Neither the change in progress nor later ones are missed.
      follower.take(2 + most, row(bytes))
      expect(await next()).toEqual({ kind: 'missed', document: 'notes', first: 2, last: 1 + most })
      expect(await next()).toMatchObject({ kind: 'update', offset: 2 + most })
      expect(seen).toHaveLength(3)
    },
  )

  test('that stays slow misses one stretch', async () => {
    const { follower, next } = createSlow()
    follower.take(1, row(1))
    await settle()
    for (let offset = 2; offset <= 9; offset += 1) follower.take(offset, row(1))
    expect(await next()).toEqual({ kind: 'missed', document: 'notes', first: 2, last: 9 })
  })

  test('is told of a deletion in its place, and by whom', async () => {
    const { follower, seen, next } = createSlow()
    follower.take(1, row(1))
    follower.takeDeletion(2, row(2))
    follower.take(3, row(1))
    await settle()
    await next()
    await next()
    expect(seen.map(({ kind }) => kind)).toEqual(['update', 'deleted', 'update'])
    expect(seen[1]).toEqual({ kind: 'deleted', document: 'notes', offset: 2, atMs: 5, author: ann })
  })

  test('that missed a deletion is told so, also when it missed more after that', async () => {
    const { follower, next } = createSlow()
    follower.take(1, row(1))
    await settle()
    for (let offset = 2; offset <= 4; offset += 1) follower.take(offset, row(1))
    follower.takeDeletion(5, row(2))
    for (let offset = 6; offset <= 9; offset += 1) follower.take(offset, row(1))
    const missed = { kind: 'missed', document: 'notes', first: 2, last: 9, deleted: true }
    expect(await next()).toEqual(missed)
    for (let offset = 10; offset <= 13; offset += 1) follower.take(offset, row(1))
    expect(await next()).toEqual({ kind: 'missed', document: 'notes', first: 10, last: 13 })
  })

  test('gets nothing more once it is stopped, also nothing that waits', async () => {
    const { follower, seen, next } = createSlow()
    follower.take(1, row(1))
    follower.take(2, row(1))
    await settle()
    follower.stop()
    follower.take(3, row(1))
    await next()
    expect(seen).toHaveLength(1)
  })

  test('whose listener throws continues with the next update', async () => {
    const seen: number[] = []
    const failures: unknown[] = []
    const log = { ...silentLog, error: (about: object) => void failures.push(about) }
    const limits = { followUpdatesMax: 9, followBytesMax: 99 }
    const follower = new Follower(
      'notes',
      (change) => {
        if (change.kind === 'update') seen.push(change.offset)
        throw new Error('the listener failed')
      },
      { limits, log, metrics },
    )
    follower.take(1, row(1))
    follower.take(2, row(1))
    await settle()
    expect(seen).toEqual([1, 2])
    expect(failures).toHaveLength(2)
    expect(counted.splice(0)).toEqual(['document', 'document'])
  })
})

describe('a hook for stateless messages', () => {
  const message = { document: 'notes', text: 'hello', user: ann, connection: '1/1' }

  test('that throws or rejects ends nothing, and is logged', async () => {
    const failures: unknown[] = []
    const log = { ...silentLog, error: (about: object) => void failures.push(about) }
    const thrown = new StatelessHook(
      () => {
        throw new Error('no')
      },
      { log, metrics },
    )
    expect(thrown.take(message)).toBe(true)
    expect(
      new StatelessHook(() => Promise.reject(new Error('no')), { log, metrics }).take(message),
    ).toBe(true)
    await settle()
    expect(failures).toHaveLength(2)
    expect(counted.splice(0)).toEqual(['document', 'document'])
  })

  test('that does not return has so many messages at most, and gets others when it does', async () => {
    const open: (() => void)[] = []
    const hook = new StatelessHook(() => new Promise<void>((resolve) => open.push(resolve)), {
      log: silentLog,
      metrics,
    })
    let taken = 0
    while (hook.take(message)) taken += 1
    expect(open).toHaveLength(taken)
    open.shift()?.()
    await settle()
    expect([hook.take(message), hook.take(message)]).toEqual([true, false])
  })

  test('that is not there takes everything', () => {
    expect(new StatelessHook(undefined, { log: silentLog, metrics }).take(message)).toBe(true)
  })
})
