import type Database from 'better-sqlite3'
import { followArrivals } from './buffer-follower.ts'
import { checkChannel, type StoredChannel } from './channel-rows.ts'
import { createLogRows, faultOfRow, type LogRows } from './log-rows.ts'
import { corrupt } from './storage-corrupt.ts'

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
  const rows = createLogRows(db, followArrivals(db))
  for (const channel of select.all(channelsCheckedMax)) checkTail(rows, channel)
}

function checkTail(rows: LogRows, channel: StoredChannel & { readonly name: Buffer }): void {
  checkChannel(channel.name, channel)
  const { id, name, begin, head } = channel
  const first = Math.max(begin, head - rowsCheckedMax + 1)
  let previous = channel.baseChain
  if (first > begin) {
    const before = rows.chain(id, first - 1)
    if (before === undefined) {
      throw corrupt(name, { offset: first - 1, what: 'the event is missing' })
    }
    previous = before
  }
  let offset = first
  for (const row of rows.whole(id, first, Number.MAX_SAFE_INTEGER)) {
    const what =
      offset > head ? 'the event is beyond the head' : faultOfRow(row, { offset, previous })
    if (what !== undefined) throw corrupt(name, { offset, what })
    previous = row.chain
    offset += 1
  }
  if (offset <= head) throw corrupt(name, { offset, what: 'the event is missing' })
  if (previous !== channel.chain) {
    throw corrupt(name, {
      offset: head,
      what: "the chain does not end as the channel's row says",
    })
  }
}
