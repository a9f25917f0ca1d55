import type Database from 'better-sqlite3'
import { type ArrivalIndex, createArrivalIndex } from './write-buffer-index.ts'

/**
 * Gives a function that brings an index up to what the connection sees in `arrivals`, without keys: they are most of the work and of the
 * memory, and who reads over a connection of its own hardly ever asks for one. Rows that are gone may stay known: they are in `events`, where
 * they are looked for first.
 */
export function followArrivals(db: Database.Database): () => ArrivalIndex {
  const bounds = db.prepare<[], { readonly first: number | null; readonly last: number | null }>(
    'SELECT (SELECT min(no) FROM arrivals) AS first, (SELECT max(no) FROM arrivals) AS last',
  )
  const since = db
    .prepare<[number], readonly [no: number, channelId: number, offset: number]>(
      'SELECT no, channel_id, offset FROM arrivals WHERE no > ? ORDER BY no',
    )
    .raw()
  let index = createArrivalIndex()
  let knownNo = 0
  let forgottenNo = 0

  return () => {
    const { first, last } = bounds.get() ?? { first: null, last: null }
    // Numbers begin anew where all were filed and the database was opened anew.
    if (last === null || last < knownNo) {
      index = createArrivalIndex()
      knownNo = 0
      forgottenNo = 0
    }
    if (last === null || first === null) return index
    if (first - 1 - forgottenNo > forgetEvery) {
      forgottenNo = first - 1
      index.forgetThrough(forgottenNo)
    }
    if (last === knownNo) return index
    // Outside a transaction there may be more by now than there was a moment ago.
    for (const [no, channelId, offset] of since.iterate(knownNo)) {
      index.add({ no, channelId, offset, key: null })
      knownNo = no
    }
    return index
  }
}

/** Forgetting looks at all channels, so it is done for many rows at once. */
const forgetEvery = 4_096
