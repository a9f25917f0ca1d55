import type { LatestValue } from 'rusher/client'

/** What travels in the channel of rooms. */
export interface RoomsBody {
  readonly kind: 'open'
  readonly name: string
}

/** Rooms that are there before anyone opened one. */
export const firstRooms: readonly string[] = ['lobby', 'ideas', 'help']

/** Rooms that the side bar keeps joined, to count what is unread in them. */
const roomsMax = 50

const roomName = /^[a-z0-9][a-z0-9-]{0,31}$/

/** The rooms in the side bar: the first ones, then those that people opened, by name. */
export function listRooms(opened: ReadonlyMap<string, LatestValue>): readonly string[] {
  const names = [...opened.keys()].filter((name) => roomName.test(name)).sort()
  return [...new Set([...firstRooms, ...names])].slice(0, roomsMax)
}

/** Makes a room's name of what someone typed: `Café Plans!` becomes `cafe-plans`. Undefined when nothing is left. */
export function toRoomName(typed: string): string | undefined {
  const name = typed
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 32)
    .replace(/-+$/, '')
  return roomName.test(name) ? name : undefined
}

/** The room that the address names (`#ideas`); the lobby when it names none. */
export function roomOfHash(hash: string): string {
  const name = hash.slice(1)
  return roomName.test(name) ? name : 'lobby'
}
