import type Database from 'better-sqlite3'
import { type ArrivalIndex, createArrivalIndex } from './arrival-index.ts'

/**
 * Gives a function that brings an index up to what the connection sees in `arrivals`. Rows that are gone may stay known: they
 * are in `events`, where they are looked for first.
 */
export function followArrivals(db: Database.Database): () => ArrivalIndex {
  const bounds = db.prepare<[], { readonly first: number | null; readonly last: number | null }>(
    'SELECT (SELECT min(no) FROM arrivals) AS first, (SELECT max(no) FROM arrivals) AS last',
  )
  const since = db.prepare<[number], ArrivalRow>(selectArrivals)
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
    // Outside a transaction there may be more by now than there was a moment ago.
    if (last > knownNo) knownNo = addArrivals(index, since.iterate(knownNo)) ?? last
    return index
  }
}

/** Forgetting looks at all channels, so it is done for many rows at once. */
const forgetEvery = 4_096

/** A row as it is stored: after an accident to the disk a key may be anything. */
export interface ArrivalRow {
  readonly no: number
  readonly channelId: number
  readonly offset: number
  readonly key: unknown
}

/** Selects `ArrivalRow`s after a number, in order. */
export const selectArrivals =
  'SELECT no, channel_id AS channelId, offset, key FROM arrivals WHERE no > ? ORDER BY no'

/** Adds rows to an index. Gives the number of the last. */
export function addArrivals(index: ArrivalIndex, rows: Iterable<ArrivalRow>): number | undefined {
  let lastNo: number | undefined
  for (const row of rows) {
    index.add({ ...row, key: Buffer.isBuffer(row.key) ? row.key : null })
    lastNo = row.no
  }
  return lastNo
}
