import { describe, expect, it } from 'vitest'
import { createWitness, type Witness } from './witness.ts'

const none = { disordered: 0, duplicated: 0, missing: 0 }
const room = 'chat:room'

/** A session that has joined a log at an offset. */
function joined(offset: number): Witness {
  const witness = createWitness()
  witness.joined(1, { channel: room, epoch: 'a', offset, recovered: false })
  return witness
}

function deliver(witness: Witness, ...offsets: readonly number[]): void {
  for (const offset of offsets) witness.delivered(1, room, offset, `m${offset}`)
}

describe('a witness of a log', () => {
  it('finds nothing where each event comes once and in order', () => {
    const witness = joined(4)
    deliver(witness, 5, 6, 7)
    expect(witness.takeFaults()).toEqual(none)
    expect(witness.since(1, room)).toEqual({ epoch: 'a', offset: 7 })
  })

  it('finds a hole, and what comes twice', () => {
    const witness = joined(4)
    deliver(witness, 5, 8, 8)
    expect(witness.takeFaults()).toEqual({ ...none, missing: 2, duplicated: 1 })
    expect(witness.takeFaults()).toEqual(none)
  })

  it('holds nothing against a session for what came before it joined', () => {
    const witness = joined(100)
    deliver(witness, 101)
    expect(witness.takeFaults()).toEqual(none)
  })

  it('does not miss what the server says is a gap', () => {
    const witness = joined(4)
    witness.gap(1, room, 5, 7)
    deliver(witness, 8)
    expect(witness.takeFaults()).toEqual(none)
  })

  it('lets a session go on where it was, and finds what was left out meanwhile', () => {
    const witness = joined(4)
    deliver(witness, 5)
    witness.joined(1, { channel: room, epoch: 'a', offset: 9, recovered: true })
    deliver(witness, 7)
    expect(witness.takeFaults()).toEqual({ ...none, missing: 1 })
  })

  it('counts what was acknowledged and is gone when the log is another', () => {
    const witness = joined(4)
    deliver(witness, 5)
    witness.joined(1, { channel: room, epoch: 'b', offset: 0, recovered: false })
    expect(witness.takeFaults().missing).toBeGreaterThan(0)
    expect(witness.since(1, room)).toEqual({ epoch: 'b', offset: 0 })
  })

  it('gives what it saw to the checker', () => {
    const witness = joined(4)
    deliver(witness, 5)
    witness.invoked({ channel: room, id: 'm5', invokedMs: 1, outcome: { kind: 'refused' } })
    expect(witness.whole).toBe(true)
    const parts = [...witness.parts(() => true)]
    expect(parts.flatMap(({ attempts }) => attempts.map(({ id }) => id))).toEqual(['m5'])
    expect(parts.flatMap(({ subscriptions }) => subscriptions)).toEqual([
      {
        name: 'session 1',
        channel: room,
        steps: [
          { kind: 'start', after: 4 },
          { kind: 'event', offset: 5, id: 'm5' },
        ],
      },
    ])
    expect(parts.flatMap(({ ends }) => ends)).toEqual([
      { name: 'session 1', channel: room, last: 5, live: true },
    ])
  })
})

describe('a witness of many sessions', () => {
  const crowd = (...sessions: readonly number[]): Witness => {
    const witness = createWitness()
    for (const session of sessions)
      witness.joined(session, { channel: room, epoch: 'a', offset: 0, recovered: false })
    return witness
  }
  const told = (witness: Witness) => {
    const parts = [...witness.parts((session) => session !== 3)]
    const named = parts.flatMap(({ subscriptions }) => subscriptions)
    return {
      subscriptions: named.map(({ name, others = 0, steps }) => [name, others, steps.length]),
      ends: parts
        .flatMap(({ ends }) => ends)
        .map(({ name, others = 0, last, live }) => [name, others, last, live]),
    }
  }

  it('tells those who were given the same as one', () => {
    const witness = crowd(1, 2, 4)
    for (const session of [1, 2, 4]) witness.delivered(session, room, 1, 'm1')
    expect(told(witness)).toEqual({
      subscriptions: [['session 1', 2, 2]],
      ends: [['session 1', 2, 1, true]],
    })
  })

  it('tells apart who was given less, something else, or is gone', () => {
    const witness = crowd(1, 2, 3, 4, 5)
    for (const session of [1, 3, 5]) witness.delivered(session, room, 1, 'm1')
    witness.delivered(4, room, 1, 'another')
    expect(told(witness).subscriptions).toEqual([
      ['session 1', 1, 2],
      ['session 2', 0, 1],
      ['session 4', 0, 2],
      ['session 3', 0, 2],
    ])
    expect(told(witness).ends).toContainEqual(['session 3', 0, 1, false])
  })

  it('keeps a room’s events once, so that a crowd does not use up the room for them', () => {
    const sessions = Array.from({ length: 1_000 }, (_, session) => session)
    const witness = crowd(...sessions)
    for (let offset = 1; offset <= 500; offset += 1) {
      for (const session of sessions) witness.delivered(session, room, offset, `m${offset}`)
    }
    expect(witness.whole).toBe(true)
    expect(witness.takeFaults()).toEqual(none)
  })
})

describe('a witness of publishers that count', () => {
  const hear = (...counts: readonly number[]): Witness => {
    const witness = createWitness()
    for (const count of counts) witness.counted(1, '7', count)
    return witness
  }
  it.each([
    ['all in order', [3, 4, 5], none],
    ['one lost', [1, 2, 4], { ...none, missing: 1 }],
    ['one twice', [1, 2, 2, 3], { ...none, duplicated: 1 }],
    ['one late: out of order, and not lost', [1, 3, 2, 4], { ...none, disordered: 1 }],
    ['one late, and twice', [1, 3, 2, 2], { ...none, disordered: 1, duplicated: 1 }],
  ])('%s', (_name, counts, faults) => {
    expect(hear(...counts).takeFaults()).toEqual(faults)
  })

  it('keeps publishers and listeners apart', () => {
    const witness = createWitness()
    witness.counted(1, '7', 1)
    witness.counted(1, '8', 5)
    witness.counted(2, '7', 9)
    expect(witness.takeFaults()).toEqual(none)
  })

  it('tells how many are missing of some publishers', () => {
    const witness = hear(1, 4)
    expect(witness.holes((publisher) => publisher === '7')).toBe(2)
    expect(witness.holes((publisher) => publisher === '8')).toBe(0)
  })
})
