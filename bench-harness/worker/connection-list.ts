import type { Connection } from './connection.ts'

/** Connections in no order: added, removed and picked by chance in constant time. */
export interface ConnectionList {
  readonly all: readonly Connection[]
  has(connection: Connection): boolean
  add(connection: Connection): void
  /** Whether it was among them. The last takes its place. */
  delete(connection: Connection): boolean
  pick(random: () => number): Connection | undefined
}

/** Each connection knows its own place in the list, so that nothing is looked up and a place costs eight bytes. */
export function createConnectionList(place: 'poolPlace' | 'readyPlace'): ConnectionList {
  const all: Connection[] = []
  const has = (connection: Connection): boolean => all[connection[place]] === connection
  return {
    all,
    has,
    add(connection) {
      connection[place] = all.length
      all.push(connection)
    },
    delete(connection) {
      if (!has(connection)) return false
      const last = all.pop()
      if (last !== undefined && last !== connection) {
        all[connection[place]] = last
        last[place] = connection[place]
      }
      connection[place] = -1
      return true
    },
    pick: (random) => all[Math.floor(random() * all.length)],
  }
}
