import type { Connection } from './connection.ts'

/** The connections that are ready: added, removed and picked by chance in constant time. */
export interface ReadySet {
  readonly all: readonly Connection[]
  add(connection: Connection): void
  /** Whether it was among them. */
  delete(connection: Connection): boolean
  pick(random: () => number): Connection | undefined
}

export function createReadySet(): ReadySet {
  const all: Connection[] = []
  const places = new Map<Connection, number>()
  return {
    all,
    add(connection) {
      places.set(connection, all.length)
      all.push(connection)
    },
    delete(connection) {
      const place = places.get(connection)
      if (place === undefined) return false
      places.delete(connection)
      const last = all.pop()
      if (last !== undefined && last !== connection) {
        all[place] = last
        places.set(last, place)
      }
      return true
    },
    pick: (random) => all[Math.floor(random() * all.length)],
  }
}
