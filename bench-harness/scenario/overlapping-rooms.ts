import type { ScenarioWorker } from './scenario.ts'

/** What a session joins; the same object for all that join the same room. */
export interface Room {
  readonly channel: string
}

/**
 * Rooms of about so many sessions each, several to a session, whose members are all in one worker, so that one clock measures from a publish to each
 * delivery. Neighbours in one room are strangers in the next, as long as there are more rooms than members.
 */
export function createOverlappingRooms(
  { plan, worker, workers }: Pick<ScenarioWorker, 'plan' | 'worker' | 'workers'>,
  { channels, members }: { readonly channels: number; readonly members: number },
): { channelsOf(session: number): readonly Room[] } {
  // A worker's sessions are those whose number modulo `workers` is its own.
  const places = Math.max(1, Math.ceil((plan.connections - worker) / workers))
  const rooms = Math.max(1, Math.round(places / Math.max(1, members)))
  const made = new Map<number, Room>()
  // One session is asked about several times in a row.
  let last: { readonly session: number; readonly rooms: readonly Room[] } | undefined

  function roomOf(no: number, room: number): Room {
    const key = room * channels + no
    const known = made.get(key) ?? { channel: `chat:b${plan.run}-${worker}-${no}-${room}` }
    made.set(key, known)
    return known
  }

  return {
    channelsOf(session) {
      if (last?.session === session) return last.rooms
      const place = Math.floor(session / workers)
      const block = Math.floor((place * rooms) / places)
      const own = Array.from({ length: channels }, (_, no) =>
        no === 0 ? roomOf(0, block) : roomOf(no, (place + (no - 1) * block) % rooms),
      )
      last = { session, rooms: own }
      return own
    },
  }
}
