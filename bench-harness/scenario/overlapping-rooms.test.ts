import { describe, expect, test } from 'vitest'
import { makePlan } from '../plan/make-plan.ts'
import { mostlyIdle } from './mostly-idle.ts'
import { createOverlappingRooms } from './overlapping-rooms.ts'

function roomsOf(connections: number, workers: number, worker: number) {
  const plan = makePlan(mostlyIdle, { connections }, 'r')
  const rooms = createOverlappingRooms({ plan, worker, workers }, { channels: 2, members: 100 })
  const members = new Map<string, Set<number>>()
  for (let session = worker; session < connections; session += workers) {
    for (const { channel } of rooms.channelsOf(session))
      members.set(channel, (members.get(channel) ?? new Set()).add(session))
  }
  return { members, rooms }
}

describe('overlapping rooms', () => {
  test('each room has about as many members as were asked for', () => {
    for (const [connections, workers] of [
      [20_000, 1],
      [30_000, 2],
      [52_311, 3],
    ] as const) {
      for (const room of roomsOf(connections, workers, workers - 1).members.values()) {
        expect(room.size).toBeGreaterThanOrEqual(90)
        expect(room.size).toBeLessThanOrEqual(101)
      }
    }
  })

  test('every session is in each of its rooms, and no two sessions meet in two', () => {
    const { members } = roomsOf(19_000, 1, 0)
    const places = [...members.values()].reduce((sum, { size }) => sum + size, 0)
    expect(places).toBe(2 * 19_000)
    const second = [...members].filter(([channel]) => channel.includes('-1-'))
    expect(second).toHaveLength(190)
    for (const [, room] of second) {
      const blocks = [...room].map((session) => Math.floor(session / 100))
      expect(new Set(blocks).size).toBe(blocks.length)
    }
  })

  test('workers share no room', () => {
    const [one, other] = [roomsOf(5_000, 2, 0), roomsOf(5_000, 2, 1)]
    expect([...one.members.keys()].filter((channel) => other.members.has(channel))).toEqual([])
  })
})
