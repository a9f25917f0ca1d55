import type Database from 'better-sqlite3'
import { RusherError } from '../../../protocol/index.ts'
import { isDamage } from './errors.ts'
import type { PackedItem } from './packed-batch.ts'
import { type ArrivalIndex, createArrivalIndex } from './write-buffer-index.ts'

/** When rows go through `arrivals`, and how fast they leave it. */
export interface FilingSizes {
  /** A commit of fewer events writes them to their places at once. */
  readonly spreadEvents: number
  /** So does one that brings so many to each of its channels. */
  readonly eventsPerChannel: number
  /** So does a channel with so few rows in `arrivals` that they can be taken out first. */
  readonly takeOutRows: number
  /** So does, as far as that goes, a payload of so many bytes: it would be written twice. */
  readonly largeBytes: number
  /** Rows after which those that arrived are filed, all together. */
  readonly runRows: number
  /** Bytes of payload after which they are. */
  readonly runBytes: number
  /** Rows that a small commit files. */
  readonly leastRows: number
}

export const filingSizes: FilingSizes = {
  spreadEvents: 8,
  eventsPerChannel: 16,
  takeOutRows: 64,
  largeBytes: 2_048,
  runRows: 131_072,
  runBytes: 64 * 1024 * 1024,
  leastRows: 16,
}

/** Rows filed, and rows cleared, for each that arrives: a run must be gone before the next is full. */
const pace = { filed: 1.5, cleared: 4 }

/** A row on its way into the log. */
export interface ArrivingRow {
  readonly channelId: number
  readonly offset: number
  readonly sum: number
  readonly chain: number
  readonly keySum: number | null
  readonly key: Buffer | null
  readonly payload: Buffer
}

/** Clearing forgets where rows were after so many of them: looking at all channels each time would be slow, and all rows at once a pause. */
const forgetEvery = 16_384

/** Where a row is, as it is stored: after an accident to the disk a key may be anything. */
interface ArrivalRow {
  readonly no: number
  readonly channelId: number
  readonly offset: number
  readonly key: unknown
}

/** Rows that are being filed, or are all filed and being cleared. */
interface Run {
  readonly lastNo: number
  /** Channels still to be filed, the next one last. */
  readonly channelIds: number[]
}

/**
 * Takes the events of busy times into `arrivals`, one after another, and files them into `events` in the order of their channels, a little
 * with each commit. Written to its place at once, an event of one among a thousand channels changes pages of its own, and each of them is
 * written twice; rows of a run that are neighbours share them.
 *
 * Of each channel the rows in `arrivals` that are not filed are the last of its log. Filed ones stay until their run is cleared.
 */
export function createFiling(db: Database.Database, sizes: FilingSizes) {
  const statements = prepareStatements(db)
  let index: ArrivalIndex = createArrivalIndex()
  /** The last offset that is filed, of each channel that has rows here. */
  const filedThrough = new Map<number, number>()
  let run: Run | undefined
  let nextNo = 1
  /** Rows up to this number are gone, and up to the other one forgotten. */
  let clearedNo = 0
  let forgottenNo = 0
  let arrived = { rows: 0, bytes: 0 }
  let halted = false

  /** Knows again what the table has, after an opening and when a transaction was rolled back. */
  function load(): void {
    index = createArrivalIndex()
    filedThrough.clear()
    run = undefined
    arrived = { rows: 0, bytes: 0 }
    let lastNo = 0
    try {
      for (const row of statements.all.iterate()) {
        index.add({ ...row, key: Buffer.isBuffer(row.key) ? row.key : null })
        lastNo = row.no
      }
      clearedNo = (statements.first.get() ?? nextNo) - 1
      forgottenNo = clearedNo
      for (const channelId of index.channelIds()) filedThrough.set(channelId, lastFiled(channelId))
    } catch (error) {
      if (!isDamage(error)) throw error
      // What cannot be read here is told to who reads it. New rows stay clear of it.
      halted = true
      lastNo = farNo
    }
    nextNo = Math.max(nextNo, lastNo + 1)
    if (lastNo > 0) run = runThrough(lastNo)
  }

  function lastFiled(channelId: number): number {
    const first = index.firstOf(channelId) ?? 1
    // Where it was compacted away it is not in `events` any more.
    let filed = Math.max(first, statements.begin.get(channelId) ?? 1) - 1
    while (statements.isFiled.get(channelId, filed + 1) !== undefined) filed += 1
    return filed
  }

  function runThrough(lastNo: number): Run {
    // In the order of the table, so that neighbours come one after another.
    return { lastNo, channelIds: [...index.channelIds()].sort((a, b) => b - a) }
  }

  /** Numbers of the rows of a channel that are not filed. */
  function unfiled(channelId: number, lastNo = nextNo): readonly number[] {
    return index.nosAfter(channelId, filedThrough.get(channelId) ?? 0, lastNo)
  }

  function file(nos: readonly number[]): void {
    if (nos.length === 0) return
    const { changes } = statements.file.run(JSON.stringify(nos))
    if (changes === nos.length) return
    throw new RusherError(
      'STORAGE_CORRUPT',
      'events that arrived are missing. Run `rusher verify`, and restore a backup.',
    )
  }

  function fileThrough(channelId: number, offset: number): void {
    const filed = filedThrough.get(channelId)
    if (filed === undefined || offset <= filed) return
    const nos = unfiled(channelId).slice(0, offset - filed)
    file(nos)
    filedThrough.set(channelId, filed + nos.length)
  }

  /** Leaves no row of a channel in `arrivals`. */
  function takeOut(channelId: number): void {
    fileThrough(channelId, Number.MAX_SAFE_INTEGER)
    statements.clear.run(JSON.stringify(index.nosAfter(channelId, 0, nextNo)))
    index.forgetChannel(channelId)
    filedThrough.delete(channelId)
  }

  /** Files some rows of the run, or clears some once all are filed. */
  function work({ channelIds, lastNo }: Run, rows: { filed: number; cleared: number }): void {
    const nos: number[] = []
    for (
      let channelId = channelIds.at(-1);
      channelId !== undefined && nos.length < rows.filed;
      channelId = channelIds.at(-1)
    ) {
      const left = unfiled(channelId, lastNo)
      const some = left.slice(0, rows.filed - nos.length)
      if (some.length === left.length) channelIds.pop()
      if (some.length === 0) continue
      nos.push(...some)
      filedThrough.set(channelId, (filedThrough.get(channelId) ?? 0) + some.length)
    }
    if (nos.length > 0) file(nos)
    else clearSome(lastNo, rows.cleared)
  }

  function clearSome(lastNo: number, rows: number): void {
    clearedNo = Math.min(lastNo, clearedNo + rows)
    statements.clearThrough.run(clearedNo)
    if (clearedNo < lastNo && clearedNo - forgottenNo < forgetEvery) return
    forgottenNo = clearedNo
    index.forgetThrough(clearedNo)
    for (const channelId of filedThrough.keys()) {
      if (index.count(channelId) === 0) filedThrough.delete(channelId)
    }
    if (clearedNo === lastNo) run = undefined
  }

  /**
   * Damage that filing meets is not that of the commit that brought it along: it ends until the database is opened anew, and what has
   * arrived is read where it is.
   */
  function workOrHalt(rows: { readonly filed: number; readonly cleared: number }): boolean {
    if (run === undefined) return false
    statements.savepoint.run()
    try {
      work(run, rows)
    } catch (error) {
      if (!isDamage(error)) throw error
      statements.undo.run()
      halted = true
      load()
    }
    statements.release.run()
    return !halted
  }

  function beginRun(isDue: boolean): void {
    if (run !== undefined || arrived.rows === 0 || !isDue) return
    run = runThrough(nextNo - 1)
    arrived = { rows: 0, bytes: 0 }
  }

  return {
    /** The rows that are in `arrivals`, for who reads over the same connection. */
    index: () => index,

    load,

    /** Whether the events of a commit are many, and go to many channels. */
    isSpread(items: readonly PackedItem[]): boolean {
      if (halted || items.length < sizes.spreadEvents) return false
      const channels = new Set<string>()
      let events = 0
      for (const item of items) {
        if (item.kind !== 'event') continue
        events += 1
        channels.add(item.channel.toString('latin1'))
      }
      return events >= sizes.spreadEvents && events < sizes.eventsPerChannel * channels.size
    },

    /** Makes way for a row that shall be written to its place at once; false when it shall arrive. */
    makeWay(channelId: number, payload: Buffer, isSpread: boolean): boolean {
      const rows = index.count(channelId)
      if (rows > sizes.takeOutRows) return false
      if (isSpread && payload.length < sizes.largeBytes) return false
      if (rows > 0) takeOut(channelId)
      return true
    },

    /** Takes a row; false when its key is in the log already, or was and is not released yet. */
    arrive(row: ArrivingRow): boolean {
      const { channelId, offset, sum, chain, keySum, key, payload } = row
      if (key !== null && index.offsetOf(channelId, key) !== undefined) return false
      const columns = [nextNo, channelId, offset, sum, chain, keySum, key, payload] as const
      if (statements.arrive.run(...columns, channelId, key).changes === 0) return false
      if (index.count(channelId) === 0) filedThrough.set(channelId, offset - 1)
      index.add({ no: nextNo, channelId, offset, key })
      nextNo += 1
      arrived.rows += 1
      arrived.bytes += payload.length
      return true
    },

    /** Erases what arrived at an offset. Where it is filed it has to be erased, too. */
    erase(channelId: number, offset: number): void {
      const no = index.noOf(channelId, offset)
      if (no !== undefined) statements.erase.run(no)
    },

    /** Lets a key arrive again whose event was compacted away. */
    releaseKey(channelId: number, key: Buffer): void {
      index.releaseKey(channelId, key)
    },

    fileThrough,

    /** Does its share of the filing within the transaction of a commit that brought so many events. */
    keepUp(events: number, isSpread: boolean): void {
      if (halted) return
      beginRun(!isSpread || arrived.rows >= sizes.runRows || arrived.bytes >= sizes.runBytes)
      workOrHalt({
        filed: Math.max(sizes.leastRows, Math.ceil(events * pace.filed)),
        cleared: Math.max(sizes.leastRows, Math.ceil(events * pace.cleared)),
      })
    },

    /** Files up to so many rows, or clears as many; false when there is nothing left to do. */
    fileSome(rows: number): boolean {
      if (halted) return false
      beginRun(true)
      return workOrHalt({ filed: rows, cleared: rows })
    },
  }
}

/** A number that no row has which arrived one after another. */
const farNo = 2 ** 40

function prepareStatements(db: Database.Database) {
  const columns = 'channel_id, offset, sum, chain, erased, key_sum, key, payload'
  return {
    all: db.prepare<[], ArrivalRow>(
      'SELECT no, channel_id AS channelId, offset, key FROM arrivals ORDER BY no',
    ),
    first: db.prepare<[], number | null>('SELECT min(no) FROM arrivals').pluck(),
    begin: db.prepare<[number], number>('SELECT begin FROM channels WHERE id = ?').pluck(),
    isFiled: db.prepare('SELECT 1 FROM events WHERE channel_id = ? AND offset = ?').pluck(),
    arrive: db.prepare(
      `INSERT INTO arrivals (no, channel_id, offset, sum, chain, erased, key_sum, key, payload)
       SELECT ?, ?, ?, ?, ?, 0, ?, ?, ?
       WHERE NOT EXISTS (SELECT 1 FROM events WHERE channel_id = ? AND key = ?)`,
    ),
    // The numbers come in the order of the places, and CROSS JOIN keeps it.
    file: db.prepare(
      `INSERT INTO events (${columns})
       SELECT ${columns} FROM (SELECT value AS wanted FROM json_each(?))
       CROSS JOIN arrivals ON no = wanted`,
    ),
    erase: db.prepare('UPDATE arrivals SET payload = NULL, erased = 1 WHERE no = ?'),
    clear: db.prepare('DELETE FROM arrivals WHERE no IN (SELECT value FROM json_each(?))'),
    clearThrough: db.prepare('DELETE FROM arrivals WHERE no <= ?'),
    savepoint: db.prepare('SAVEPOINT filing'),
    undo: db.prepare('ROLLBACK TO filing'),
    release: db.prepare('RELEASE filing'),
  }
}
