import type Database from 'better-sqlite3'
import { textOfBytes } from '../packed.ts'
import { followArrivals } from './buffer-follower.ts'
import { checkChannel, type StoredChannel, selectChannel } from './channel-rows.ts'
import { type LatestRow, type SnapshotRow, sumOfLatest, sumOfSnapshot } from './checksum-chain.ts'
import { createLogRows, faultOfPayload, type PageRow } from './log-rows.ts'
import { corrupt } from './storage-corrupt.ts'

/** A row as it is stored, found by the channel it belongs to. */
type Summed<Row extends LatestRow | SnapshotRow> = Omit<Row, 'channelId'> & {
  readonly payload: Buffer
  readonly name: Buffer
  readonly sum: number
}

/** What a page is asked for. */
interface Range {
  readonly from: number
  readonly to: number
  /** Stored bytes of the payloads; the first is read whatever it has. */
  readonly bytesMax?: number | undefined
}

export interface ReadPage {
  readonly begin: number
  readonly head: number
  /** Offset of the first of `payloads`. */
  readonly first: number
  readonly payloads: readonly (Buffer | null)[]
}

/**
 * Reads the log from an open database, each call in one short transaction, since a long one would keep the write-ahead log
 * from being put away. Everything returned was checked; what does not match throws STORAGE_CORRUPT.
 */
export function createLogReader(db: Database.Database) {
  const select = prepareStatements(db)
  const rows = createLogRows(db, followArrivals(db))

  function find(name: Buffer): StoredChannel | undefined {
    const row = select.channel.get(name)
    if (row !== undefined) checkChannel(name, row)
    return row
  }

  function readRange(
    name: Buffer,
    channel: StoredChannel,
    { from, to, bytesMax = Number.POSITIVE_INFINITY }: Range,
  ): ReadPage {
    const { id, begin, head } = channel
    const first = Math.max(from, begin)
    const last = Math.min(to, head)
    const payloads: (Buffer | null)[] = []
    let bytes = 0
    for (const row of rows.page(id, first, last)) {
      checkRow(name, row, first + payloads.length)
      bytes += row.payload?.length ?? 0
      if (bytes > bytesMax && payloads.length > 0) return { begin, head, first, payloads }
      payloads.push(row.payload)
    }
    const next = first + payloads.length
    if (next <= last) throw corrupt(name, { offset: next, what: 'the event is missing' })
    return { begin, head, first, payloads }
  }

  function keyOf(name: Buffer, channel: StoredChannel, key: Buffer) {
    const row = rows.byKey(name, channel, key)
    return row && { offset: row.offset, keySum: row.keySum }
  }

  function readLatest(name: Buffer, channel: StoredChannel, limit: number) {
    const found = select.latest.all(channel.id, Math.max(limit, 0))
    for (const row of found) {
      if (sumOfLatest({ ...row, channelId: channel.id }) === row.sum) continue
      throw corrupt(name, {
        what: `the latest ${JSON.stringify(textOfBytes(row.name))} does not match its checksum`,
      })
    }
    return found.map((row) => ({ name: textOfBytes(row.name), payload: textOfBytes(row.payload) }))
  }

  function readSnapshot(name: Buffer, channel: StoredChannel) {
    const row = select.snapshot.get(channel.id)
    if (row === undefined) return undefined
    if (sumOfSnapshot({ ...row, channelId: channel.id }) !== row.sum) {
      throw corrupt(name, {
        offset: row.offset,
        what: 'the snapshot does not match its checksum',
      })
    }
    return { offset: row.offset, payload: row.payload }
  }

  /** Reads from one state of the database. */
  function inOneState<Args extends unknown[], Result>(
    read: (name: Buffer, channel: StoredChannel, ...args: Args) => Result,
  ): (name: Buffer, ...args: Args) => Result | undefined {
    return db.transaction((name: Buffer, ...args: Args) => {
      const channel = find(name)
      return channel === undefined ? undefined : read(name, channel, ...args)
    })
  }

  return {
    open: inOneState((_name, { begin, head }) => ({ begin, head })),
    after: inOneState((name, channel, after: number, limit: number, bytesMax?: number) => {
      const from = Math.max(after + 1, channel.begin)
      return readRange(name, channel, { from, to: from + limit - 1, bytesMax })
    }),
    one: inOneState((name, channel, offset: number) =>
      readRange(name, channel, { from: offset, to: offset }),
    ),
    before: inOneState((name, channel, before: number, limit: number) => {
      const to = Math.min(before - 1, channel.head)
      return readRange(name, channel, { from: to - limit + 1, to })
    }),
    key: inOneState(keyOf),
    latest: inOneState(readLatest),
    snapshot: inOneState(readSnapshot),
    names: (after: Buffer, limit: number): string[] =>
      select.names.all(after, Math.max(limit, 0)).map(textOfBytes),
  }
}

export type LogReader = ReturnType<typeof createLogReader>

function checkRow(name: Buffer, row: PageRow, offset: number): void {
  const what = row.offset === offset ? faultOfPayload(row) : 'the event is missing'
  if (what !== undefined) throw corrupt(name, { offset, what })
}

function prepareStatements(db: Database.Database) {
  return {
    channel: db.prepare<[Buffer], StoredChannel>(selectChannel),
    latest: db.prepare<[number, number], Summed<LatestRow>>(
      `SELECT name, updated_no AS updatedNo, sum, payload FROM latest
       WHERE channel_id = ? ORDER BY updated_no DESC LIMIT ?`,
    ),
    snapshot: db.prepare<[number], Summed<SnapshotRow>>(
      'SELECT offset, sum, payload FROM snapshots WHERE channel_id = ?',
    ),
    names: db
      .prepare<[Buffer, number], Buffer>(
        'SELECT name FROM channels WHERE name > ? AND head > 0 ORDER BY name LIMIT ?',
      )
      .pluck(),
  }
}
