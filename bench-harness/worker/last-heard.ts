import type { Connection } from './connection.ts'

/**
 * How many of the ready connections were last heard in which second. So nobody is looked at to tell how many are alive, and whether anybody is
 * silent; with a million sessions that would take most of a second.
 */
export interface LastHeard {
  /** It counts from now on, as heard in this second. */
  enter(connection: Connection): void
  /** It counts no longer. */
  leave(connection: Connection): void
  /** Something came from one that counts. */
  heard(connection: Connection): void
  /** Those that were heard in the last so many seconds, the one that is under way included. */
  within(seconds: number): number
  /** Whether anybody was not heard for so many seconds. */
  isAnySilent(seconds: number): boolean
}

export function createLastHeard(now: () => number): LastHeard {
  const counts = new Map<number, number>()
  const nowS = (): number => Math.floor(now() / 1_000)

  function count(second: number, more: 1 | -1): void {
    const sum = (counts.get(second) ?? 0) + more
    if (sum === 0) counts.delete(second)
    else counts.set(second, sum)
  }

  return {
    enter(connection) {
      connection.seenS = nowS()
      count(connection.seenS, 1)
    },
    leave: (connection) => count(connection.seenS, -1),
    heard(connection) {
      const second = nowS()
      if (second === connection.seenS) return
      count(connection.seenS, -1)
      count(second, 1)
      connection.seenS = second
    },
    within(seconds) {
      const fromS = nowS() - seconds
      let sum = 0
      for (const [second, those] of counts) if (second >= fromS) sum += those
      return sum
    },
    isAnySilent(seconds) {
      const untilS = nowS() - seconds
      for (const second of counts.keys()) if (second < untilS) return true
      return false
    },
  }
}
