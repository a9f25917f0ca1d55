import Database from 'better-sqlite3'
import { RusherError } from '../../../protocol/index.ts'
import { followArrivals } from '../sqlite/buffer-follower.ts'
import type { StoredChannel } from '../sqlite/channel-rows.ts'
import {
  type LatestRow,
  type SnapshotRow,
  sumOfChannel,
  sumOfLatest,
  sumOfSnapshot,
} from '../sqlite/checksum-chain.ts'
import { createLogRows, faultOfRow, type LogRow } from '../sqlite/log-rows.ts'
import { textOfColumn } from '../sqlite/storage-corrupt.ts'

/** Something that is not as it was written. */
export interface VerifyFault {
  /** Empty where it concerns the database as a whole. */
  readonly channel: string
  readonly offset?: number
  readonly what: string
}

export type OnFault = (fault: VerifyFault) => void

type NamedChannel = StoredChannel & { readonly name: Buffer }

/** How far the walk through one log has come. */
interface Progress {
  /** The offset that comes next. */
  offset: number
  /** The chain just before it. */
  previous: number
  /** Events checked in the last step. */
  checked: number
  ended: boolean
}

/** Rows read in one transaction: a long one would keep a server's write-ahead log from being put away. */
const rowsPerStep = 1_000

/** Checks the channels of a database one by one, and tells each fault. */
export function createChannelCheck(db: Database.Database, onFault: OnFault) {
  const select = prepareStatements(db)
  const arrivals = followArrivals(db)
  const logRows = createLogRows(db, arrivals)

  /** Checks a channel's row; yields how many events each step has checked. */
  function* check(id: number): Generator<number> {
    const progress: Progress = { offset: 0, previous: 0, checked: 0, ended: false }
    const step = db.transaction(() => walkSome(id, progress))
    while (!progress.ended) {
      progress.checked = 0
      if (!tellingCorruption(nameOf(id), onFault, step)) progress.ended = true
      yield progress.checked
    }
    tellingCorruption(nameOf(id), onFault, () => checkValues(id))
  }

  function nameOf(id: number): string {
    const name = select.name.get(id)
    return name === undefined ? '' : textOfColumn(name)
  }

  /** One step from one state of the database: a server may append to the log and compact it meanwhile. */
  function walkSome(id: number, progress: Progress): void {
    const channel = select.channel.get(id)
    if (channel === undefined) {
      progress.ended = true
      return
    }
    const name = textOfColumn(channel.name)
    if (progress.offset === 0) checkRow(channel)
    if (progress.offset < channel.begin) {
      progress.offset = channel.begin
      progress.previous = channel.baseChain
    }
    for (const row of logRows.whole(id, progress.offset, channel.head)) {
      checkEvent(name, { row, progress })
      if (progress.checked === rowsPerStep) return
    }
    checkEnds(channel, progress)
    progress.ended = true
  }

  function checkRow({ name, begin, head, chain, baseChain, sum }: NamedChannel): void {
    const channel = textOfColumn(name)
    if (sumOfChannel({ name, begin, head, chain, baseChain }) !== sum) {
      onFault({ channel, what: "the channel's row does not match its checksum" })
    }
  }

  function checkEvent(
    channel: string,
    { row, progress }: { row: LogRow; progress: Progress },
  ): void {
    const { offset, previous } = progress
    const what = faultOfRow(row, { offset, previous })
    if (what !== undefined) onFault({ channel, offset, what })
    // Goes on from what stands there, so that one accident is not told for every row after it.
    progress.offset = row.offset + 1
    progress.previous = row.chain
    progress.checked += 1
  }

  function checkEnds({ id, name, begin, head, chain }: NamedChannel, progress: Progress): void {
    const channel = textOfColumn(name)
    if (progress.offset <= head) {
      const what =
        progress.offset === head ? 'the event is missing' : `the events up to ${head} are missing`
      onFault({ channel, offset: progress.offset, what })
    } else if (progress.previous !== chain) {
      onFault({ channel, offset: head, what: "the chain does not end as the channel's row says" })
    }
    const beyond = select.beyond.get(id, head) ?? arrivals().lastOf(id)
    if (beyond !== undefined && beyond > head) {
      onFault({ channel, offset: beyond, what: 'the event is beyond the head' })
    }
    const before = select.before.get(id, begin)
    if (before !== undefined && select.sweep.get(id) === undefined) {
      onFault({ channel, offset: before, what: 'the event is before the begin' })
    }
  }

  function checkValues(id: number): void {
    const channel = nameOf(id)
    for (const row of select.latest.iterate(id)) {
      const latest = `the latest ${JSON.stringify(textOfColumn(row.name))}`
      if (sumOfLatest({ ...row, channelId: id }) !== row.sum) {
        onFault({ channel, what: `${latest} does not match its checksum` })
      }
    }
    const snapshot = select.snapshot.get(id)
    if (snapshot === undefined) return
    if (sumOfSnapshot({ ...snapshot, channelId: id }) !== snapshot.sum) {
      onFault({
        channel,
        offset: snapshot.offset,
        what: 'the snapshot does not match its checksum',
      })
    }
  }

  return {
    check,

    /** The number of the channel after a number. */
    next: (id: number): number | undefined => select.nextChannel.get(id),

    /** Tells of rows whose channel is gone. */
    checkOrphans(): void {
      for (const [table, next, count] of select.owners) {
        for (let id = next.get(-1); typeof id === 'number'; id = next.get(id)) {
          if (select.channel.get(id) !== undefined) continue
          onFault({
            channel: '',
            what: `${count.get(id)} rows of ${table} are of no channel (number ${id})`,
          })
        }
      }
      for (const id of arrivals().channelIds()) {
        if (select.channel.get(id) !== undefined) continue
        onFault({ channel: '', what: `rows of arrivals are of no channel (number ${id})` })
      }
    },
  }
}

/** Runs a check, and tells where SQLite cannot read what it needs. Whether the check came to its end. */
export function tellingCorruption(channel: string, onFault: OnFault, check: () => void): boolean {
  try {
    check()
    return true
  } catch (error) {
    if (error instanceof RusherError) onFault({ channel, what: error.message })
    else if (error instanceof Database.SqliteError) {
      onFault({ channel, what: `SQLite says ${error.code}: ${error.message}` })
    } else throw error
    return false
  }
}

function prepareStatements(db: Database.Database) {
  const number = (sql: string) => db.prepare<unknown[], number>(sql).pluck()
  return {
    name: db.prepare<[number], Buffer>('SELECT name FROM channels WHERE id = ?').pluck(),
    channel: db.prepare<[number], NamedChannel>(
      `SELECT id, name, begin, head, chain, base_chain AS baseChain, sum FROM channels
       WHERE id = ?`,
    ),
    nextChannel: number('SELECT id FROM channels WHERE id > ? ORDER BY id LIMIT 1'),
    beyond: number('SELECT offset FROM events WHERE channel_id = ? AND offset > ? LIMIT 1'),
    before: number('SELECT offset FROM events WHERE channel_id = ? AND offset < ? LIMIT 1'),
    sweep: number('SELECT channel_id FROM sweeps WHERE channel_id = ?'),
    latest: db.prepare<[number], Omit<LatestRow, 'channelId'> & { readonly sum: number }>(
      'SELECT name, updated_no AS updatedNo, sum, payload FROM latest WHERE channel_id = ?',
    ),
    snapshot: db.prepare<[number], Omit<SnapshotRow, 'channelId'> & { readonly sum: number }>(
      'SELECT offset, sum, payload FROM snapshots WHERE channel_id = ?',
    ),
    owners: ['events', 'latest', 'snapshots'].map(
      (table) =>
        [
          table,
          number(`SELECT min(channel_id) FROM ${table} WHERE channel_id > ?`),
          number(`SELECT count(*) FROM ${table} WHERE channel_id = ?`),
        ] as const,
    ),
  }
}
