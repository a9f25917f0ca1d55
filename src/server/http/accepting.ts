import type { Fullness } from '../link/link.ts'

/** What an edge knows when it looks whether it should listen. */
export interface Room {
  /** Whether it listens now. */
  readonly listens: boolean
  readonly sessions: number
  readonly sessionsMax: number
  /** Sockets that listen at its port, its own among them; undefined where the system does not say. */
  readonly listeners: number | undefined
}

/** Shares of its places from which on an edge is said to be filling and nearly full, and below which it is no longer. */
const fillingAt = { rising: 0.8, falling: 0.7 }
const nearlyFullAt = { rising: 0.95, falling: 0.9 }
/** A full edge listens again below this share of its places. */
const roomAgainAt = 0.98

/**
 * Whether an edge that shares its port should listen. One that is full leaves new connections to those that have room; the last that listens
 * goes on and answers 503, since a port at which nobody listens looks like a server that is dead, also to whoever asks for its health.
 * Nobody is asked for leave: the kernel's list of listeners is the truth, also when an edge has died.
 */
export function shouldListen({ listens, sessions, sessionsMax, listeners }: Room): boolean {
  if (sessions < sessionsMax * (listens ? 1 : roomAgainAt)) return true
  if (listeners === undefined) return listens
  return listeners <= (listens ? 1 : 0)
}

/** How full an edge is, by its sessions. `before` is what was said last. */
export function fullnessOf(sessions: number, sessionsMax: number, before: Fullness): Fullness {
  const share = sessions / sessionsMax
  if (share >= (before === 'nearly-full' ? nearlyFullAt.falling : nearlyFullAt.rising))
    return 'nearly-full'
  return share >= (before === 'room' ? fillingAt.rising : fillingAt.falling) ? 'filling' : 'room'
}
