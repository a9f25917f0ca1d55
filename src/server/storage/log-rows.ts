import type Database from 'better-sqlite3'
import { chainOf, sumOf } from './chain.ts'
import { checkChannel, type StoredChannel } from './channel-rows.ts'
import { corrupt } from './storage-corrupt.ts'

/** A row of `events`, whole. */
export interface LogRow {
  readonly offset: number
  readonly sum: number
  readonly chain: number
  readonly erased: number
  readonly keySum: number | null
  readonly key: Buffer | null
  readonly payload: Buffer | null
}

/** Selects `LogRow`s of a channel after an offset, up to an offset, at most so many. */
export const selectRows = `
  SELECT offset, sum, chain, erased, key_sum AS keySum, key, payload FROM events
  WHERE channel_id = ? AND offset > ? AND offset <= ? ORDER BY offset LIMIT ?`

/** What is wrong with the payload of a row, if anything. */
export function faultOfPayload({
  sum,
  erased,
  payload,
}: Pick<LogRow, 'sum' | 'erased' | 'payload'>): string | undefined {
  if (payload === null) return erased === 1 ? undefined : 'the payload is missing'
  if (erased !== 0) return 'the payload of an erased event is there'
  return sumOf(payload) === sum ? undefined : 'the payload does not match its checksum'
}

/** What is wrong with a row that should stand at `offset` after the chain `previous`, if anything. */
export function faultOfRow(
  row: LogRow,
  { offset, previous }: { readonly offset: number; readonly previous: number },
): string | undefined {
  if (row.offset !== offset) return `the event is missing; the next is at ${row.offset}`
  if (chainOf(previous, row) !== row.chain) return 'the event does not match the chain'
  return faultOfPayload(row)
}

const channelsCheckedMax = 100
const rowsCheckedMax = 100

/**
 * Checks the last rows of the channels that were written last, which is where an accident of the disk shows. Throws
 * STORAGE_CORRUPT at the first fault.
 */
export function checkTails(db: Database.Database): void {
  const select = db.prepare<[number], StoredChannel & { readonly name: Buffer }>(
    `SELECT id, name, begin, head, chain, base_chain AS baseChain, sum FROM channels
     ORDER BY commit_no DESC LIMIT ?`,
  )
  for (const channel of select.all(channelsCheckedMax)) checkTail(db, channel)
}

function checkTail(
  db: Database.Database,
  channel: StoredChannel & { readonly name: Buffer },
): void {
  checkChannel(channel.name, channel)
  const { name } = channel
  const first = Math.max(channel.begin, channel.head - rowsCheckedMax + 1)
  const rows = db
    .prepare<unknown[], LogRow>(selectRows)
    .all(channel.id, first - 2, Number.MAX_SAFE_INTEGER, rowsCheckedMax + 2)
  let previous = channel.baseChain
  if (first > channel.begin) {
    const before = rows.shift()
    if (before?.offset !== first - 1) {
      throw corrupt(name, { offset: first - 1, what: 'the event is missing' })
    }
    previous = before.chain
  } else if (rows[0]?.offset === first - 1) {
    // It was compacted away and is still to be deleted.
    rows.shift()
  }
  let offset = first
  for (const row of rows) {
    const what =
      offset > channel.head ? 'the event is beyond the head' : faultOfRow(row, { offset, previous })
    if (what !== undefined) throw corrupt(name, { offset, what })
    previous = row.chain
    offset += 1
  }
  if (offset <= channel.head) throw corrupt(name, { offset, what: 'the event is missing' })
  if (previous !== channel.chain) {
    throw corrupt(name, {
      offset: channel.head,
      what: "the chain does not end as the channel's row says",
    })
  }
}
