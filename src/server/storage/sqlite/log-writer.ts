import type Database from 'better-sqlite3'
import type { Appended } from '../storage.ts'
import { type ChannelState, createChannelRows } from './channel-rows.ts'
import { chainOf, sumOf, sumOfLatest, sumOfSnapshot } from './checksum-chain.ts'
import { faultOf } from './errors.ts'
import { type Fault, FaultError } from './fault.ts'
import { createLogRows, type KeyRow } from './log-rows.ts'
import type { PackedItem } from './packed-batch.ts'
import { type Meta, prepareSaveMeta } from './schema.ts'
import { corrupt } from './storage-corrupt.ts'
import { type ArrivingRow, createFiling, type FilingSizes } from './write-buffer.ts'

type EventItem = Extract<PackedItem, { kind: 'event' }>
type LatestItem = Extract<PackedItem, { kind: 'latest' }>

export interface CompactRequest {
  readonly channel: Buffer
  readonly through: number
  readonly snapshot: Buffer | undefined
}

export interface SnapshotRequest {
  readonly channel: Buffer
  readonly offset: number
  readonly snapshot: Buffer
}

const channelsCachedMax = 20_000

/**
 * Writes the log into an open database: each call is one transaction, which is there as a whole or not at all. Throws
 * `FaultError`.
 */
export function createLogWriter(db: Database.Database, meta: Meta, sizes: FilingSizes) {
  const statements = prepareStatements(db)
  const saveMeta = prepareSaveMeta(db)
  const rows = createChannelRows(db, channelsCachedMax)
  const filing = createFiling(db, sizes)
  const logRows = createLogRows(db, filing.index)
  let { commitNo, latestNo } = meta
  let wrote = false
  /** What filing knows of the database may not be so. */
  let isStale = true
  /** The events of the commit under way are many, and go to many channels. */
  let isSpread = false

  /** Runs `body` in a transaction. What it decides to write is committed with the next commit number. */
  function transact<Result>(body: () => Result): Result {
    const before = { commitNo, latestNo }
    let phase: 'write' | 'commit' = 'write'
    wrote = false
    try {
      statements.begin.run()
      if (isStale) filing.load()
      isStale = false
      const result = body()
      if (wrote) {
        commitNo += 1
        rows.save(commitNo)
        saveMeta({ epoch: meta.epoch, commitNo, latestNo })
      }
      phase = 'commit'
      statements.commit.run()
      rows.keep()
      return result
    } catch (error) {
      commitNo = before.commitNo
      latestNo = before.latestNo
      rows.forget()
      isStale = true
      const fault = faultOf(error, phase)
      if (db.inTransaction) rollBack(fault)
      throw new FaultError(fault)
    }
  }

  function rollBack(fault: Fault): void {
    try {
      statements.rollback.run()
    } catch (error) {
      // Without a rollback the connection cannot be used again.
      throw new FaultError({ ...faultOf(error, 'write'), message: fault.message, final: true })
    }
  }

  function apply(item: PackedItem): Appended {
    switch (item.kind) {
      case 'event':
        return applyEvent(item)
      case 'latest':
        return applyLatest(item)
      case 'probe':
        wrote = true
        return { kind: 'kept' }
    }
  }

  function applyEvent(item: EventItem): Appended {
    const known = rows.find(item.channel)
    const head = known?.head ?? 0
    if (item.expect !== undefined && item.expect !== head) {
      // A retry of what was appended is a duplicate, however far the log has gone on since.
      const first = known === undefined ? undefined : findKey(known, item.key)
      return first === undefined ? { kind: 'conflict', head } : duplicateOf(first, item)
    }
    const channel = known ?? rows.findOrCreate(item.channel)
    const { payload, key, keySum } = item
    const offset = channel.head + 1
    const sum = sumOf(payload)
    const chain = chainOf(channel.chain, { offset, sum, key, keySum })
    const row = { channelId: channel.id, offset, sum, chain, keySum, key, payload }
    const place = filing.makeWay(channel.id, payload, isSpread) ? insertEvent : filing.arrive
    if (!place(row)) {
      const first = findKey(channel, key)
      if (first !== undefined) return duplicateOf(first, item)
      // The key belongs to a row that was compacted away and is still to be deleted.
      forgetKey(channel, key)
      place(row)
    }
    if (item.erase !== undefined && item.erase >= channel.begin && item.erase < offset) {
      statements.erase.run(channel.id, item.erase)
      filing.erase(channel.id, item.erase)
    }
    channel.head = offset
    channel.chain = chain
    rows.change(channel)
    wrote = true
    return { kind: 'appended', offset }
  }

  /** Writes a row to its place at once; false when its key is taken. */
  function insertEvent(row: ArrivingRow): boolean {
    const { channelId, offset, sum, chain, keySum, key, payload } = row
    return (
      statements.insertEvent.run(channelId, offset, sum, chain, keySum, key, payload).changes > 0
    )
  }

  function forgetKey(channel: ChannelState, key: Buffer | null): void {
    if (key === null) return
    statements.deleteByKey.run(channel.id, key)
    filing.releaseKey(channel.id, key)
  }

  function findKey(channel: ChannelState, key: Buffer | null): KeyRow | undefined {
    return key === null ? undefined : logRows.byKey(channel.name, channel, key)
  }

  function applyLatest({ channel, name, payload }: LatestItem): Appended {
    const { id } = rows.findOrCreate(channel)
    latestNo += 1
    const sum = sumOfLatest({ channelId: id, name, updatedNo: latestNo, payload })
    statements.saveLatest.run(id, name, latestNo, sum, payload)
    wrote = true
    return { kind: 'kept' }
  }

  function compactChannel(request: CompactRequest): { begin: number; head: number } {
    const channel = rows.find(request.channel)
    if (channel === undefined) return { begin: 1, head: 0 }
    const through = Math.min(request.through, channel.head)
    if (request.snapshot !== undefined) keepSnapshot(channel, through, request.snapshot)
    if (through >= channel.begin) {
      filing.fileThrough(channel.id, through)
      const chain = logRows.chain(channel.id, through)
      if (chain === undefined) {
        throw corrupt(channel.name, { offset: through, what: 'the event is missing' })
      }
      channel.begin = through + 1
      channel.baseChain = chain
      rows.change(channel)
      statements.addSweep.run(channel.id)
      wrote = true
    }
    return { begin: channel.begin, head: channel.head }
  }

  function saveSnapshot(request: SnapshotRequest): void {
    const channel = rows.find(request.channel)
    if (channel !== undefined) keepSnapshot(channel, request.offset, request.snapshot)
  }

  function keepSnapshot(channel: ChannelState, asked: number, payload: Buffer): void {
    const offset = Math.min(asked, channel.head)
    if (offset < 1 || offset < (statements.selectSnapshotOffset.get(channel.id) ?? 0)) return
    const sum = sumOfSnapshot({ channelId: channel.id, offset, payload })
    statements.saveSnapshot.run(channel.id, offset, sum, payload)
    wrote = true
  }

  function sweepSome(rowsMax: number): boolean {
    const row = statements.selectSweep.get()
    if (row === undefined) return false
    const { changes } = statements.deleteBefore.run(row.id, row.begin, rowsMax)
    if (changes < rowsMax) statements.endSweep.run(row.id)
    wrote = true
    return true
  }

  return {
    /** Number of the last commit. */
    commitNo: () => commitNo,

    /** Appends the items in order; one result for each. */
    append: (items: readonly PackedItem[]): Appended[] =>
      transact(() => {
        isSpread = filing.isSpread(items)
        const results = items.map(apply)
        if (wrote) filing.keepUp(items.length, isSpread)
        return results
      }),

    /**
     * Moves a channel's begin. The rows before it are gone from then on, for readers and for keys; `sweep` deletes them, so
     * that a big compaction does not hold up the appends.
     */
    compact: (request: CompactRequest) => transact(() => compactChannel(request)),

    /** Keeps a snapshot and leaves the events it stands for. */
    saveSnapshot: (request: SnapshotRequest): void => transact(() => saveSnapshot(request)),

    /** Deletes up to `rowsMax` rows that were compacted away. False when there was nothing left to do. */
    sweep: (rowsMax: number): boolean => transact(() => sweepSome(rowsMax)),

    /** Files up to `rowsMax` rows that arrived, or clears as many. False when there was nothing left to do. */
    file: (rowsMax: number): boolean =>
      transact(() => {
        wrote = filing.fileSome(rowsMax)
        return wrote
      }),
  }
}

export type LogWriter = ReturnType<typeof createLogWriter>

function duplicateOf(first: KeyRow, item: EventItem): Appended {
  return { kind: 'duplicate', offset: first.offset, same: first.keySum === item.keySum }
}

function prepareStatements(db: Database.Database) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    insertEvent: db.prepare(
      `INSERT INTO events (channel_id, offset, sum, chain, erased, key_sum, key, payload)
       VALUES (?, ?, ?, ?, 0, ?, ?, ?)
       ON CONFLICT (channel_id, key) WHERE key IS NOT NULL DO NOTHING`,
    ),
    erase: db.prepare(
      'UPDATE events SET payload = NULL, erased = 1 WHERE channel_id = ? AND offset = ?',
    ),
    deleteByKey: db.prepare('DELETE FROM events WHERE channel_id = ? AND key = ?'),
    saveLatest: db.prepare('INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?, ?)'),
    selectSnapshotOffset: db
      .prepare<[number], number>('SELECT offset FROM snapshots WHERE channel_id = ?')
      .pluck(),
    saveSnapshot: db.prepare('INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)'),
    addSweep: db.prepare('INSERT OR IGNORE INTO sweeps VALUES (?)'),
    selectSweep: db.prepare<[], { id: number; begin: number }>(
      'SELECT c.id, c.begin FROM sweeps s JOIN channels c ON c.id = s.channel_id LIMIT 1',
    ),
    deleteBefore: db.prepare(
      `DELETE FROM events WHERE (channel_id, offset) IN
       (SELECT channel_id, offset FROM events WHERE channel_id = ? AND offset < ? LIMIT ?)`,
    ),
    endSweep: db.prepare('DELETE FROM sweeps WHERE channel_id = ?'),
  }
}
