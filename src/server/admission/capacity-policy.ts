import type { LoadLevel } from '../link/link.ts'

/** What an edge knows when it looks whether it should listen. */
export interface Room {
  /** Whether it listens now. */
  readonly listens: boolean
  readonly sessions: number
  readonly sessionsMax: number
  /** Sockets that listen at its port, its own among them; undefined where the system does not say. */
  readonly listeners: number | undefined
}

/**
 * When so few places are left, as a share and at least so many of them, an edge is filling, or nearly full. The second is what those need
 * who come in until it has stopped listening.
 */
const left = {
  filling: { share: 0.2, least: 4_000, ofShare: 0.5 },
  nearlyFull: { share: 0.05, least: 1_000, ofShare: 0.2 },
}
/** It must have so many times as many places left to be so no longer. */
const fallsBackAt = 1.5
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
export function loadLevelOf(sessions: number, sessionsMax: number, before: LoadLevel): LoadLevel {
  const isBelow = ({ share, least, ofShare }: typeof left.filling, was: boolean): boolean => {
    const places = sessionsMax * Math.max(share, Math.min(ofShare, least / sessionsMax))
    return sessionsMax - sessions <= places * (was ? fallsBackAt : 1)
  }
  if (isBelow(left.nearlyFull, before === 'nearly-full')) return 'nearly-full'
  return isBelow(left.filling, before !== 'room') ? 'filling' : 'room'
}
