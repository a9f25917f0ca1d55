import type Database from 'better-sqlite3'
import { chainOf, sumOf } from './checksum-chain.ts'
import { corrupt } from './storage-corrupt.ts'
import type { ArrivalIndex } from './write-buffer-index.ts'

/** A row of the log, whole. */
export interface LogRow {
  readonly offset: number
  readonly sum: number
  readonly chain: number
  readonly erased: number
  readonly keySum: number | null
  readonly key: Buffer | null
  readonly payload: Buffer | null
}

/** What is served of a row. */
export type PageRow = Pick<LogRow, 'offset' | 'sum' | 'erased' | 'payload'>

/** Where a key was appended, with what its chain is made of. */
export type KeyRow = Omit<LogRow, 'erased' | 'payload'>

/** What is known of a channel whose rows are asked for. */
export interface LogOf {
  readonly id: number
  readonly begin: number
  readonly baseChain: number
}

/**
 * The rows of the logs, wherever they stand: in `events`, in order of their channels, or still in `arrivals` only. Nothing is checked but
 * what is found by a key.
 */
export interface LogRows {
  /** Rows of a channel from one offset to another, in order, as many as there are. */
  page(channelId: number, from: number, to: number): Iterable<PageRow>
  /** The same with all their columns. */
  whole(channelId: number, from: number, to: number): Iterable<LogRow>
  /** The chain at an offset. */
  chain(channelId: number, offset: number): number | undefined
  /** The row of a key, unless it was compacted away. Throws STORAGE_CORRUPT where it does not match the chain. */
  byKey(name: Buffer, channel: LogOf, key: Buffer): KeyRow | undefined
}

/**
 * Reads rows over a connection. `arrivals` gives what the connection knows of the rows that arrived and were not filed; it is asked
 * only where `events` does not have what is wanted, and after that was looked for.
 */
export function createLogRows(db: Database.Database, arrivals: () => ArrivalIndex): LogRows {
  const select = prepareStatements(db)

  function arrived(channelId: number, offset: number): LogRow | undefined {
    const no = arrivals().noOf(channelId, offset)
    const row = no === undefined ? undefined : select.arrived.get(no)
    return row?.channelId === channelId ? row : undefined
  }

  function* goOn<Row extends PageRow>(
    filed: Iterable<Row>,
    rest: { readonly channelId: number; readonly from: number; readonly to: number },
  ): Generator<Row | LogRow> {
    let next = rest.from
    for (const row of filed) {
      next = row.offset + 1
      yield row
    }
    while (next <= rest.to) {
      const row = arrived(rest.channelId, next)
      if (row === undefined) return
      next += 1
      yield row
    }
  }

  function chain(channelId: number, offset: number): number | undefined {
    return select.chain.get(channelId, offset) ?? arrived(channelId, offset)?.chain
  }

  function keyed(channelId: number, key: Buffer): KeyRow | undefined {
    const filed = select.byKey.get(channelId, key)
    if (filed !== undefined) return filed
    const nos = arrivals().nosAfter(channelId, 0, Number.MAX_SAFE_INTEGER)
    return nos.length === 0 ? undefined : select.arrivedByKey.get(JSON.stringify(nos), key)
  }

  return {
    chain,
    page: (channelId, from, to) =>
      goOn(select.page.iterate(channelId, from, to), { channelId, from, to }),
    whole: (channelId, from, to) =>
      goOn(select.whole.iterate(channelId, from, to), { channelId, from, to }) as Iterable<LogRow>,
    byKey(name, { id, begin, baseChain }, key) {
      const row = keyed(id, key)
      if (row === undefined || row.offset < begin) return undefined
      const previous = row.offset === begin ? baseChain : chain(id, row.offset - 1)
      if (previous === undefined || chainOf(previous, { ...row, key }) !== row.chain) {
        throw corrupt(name, {
          offset: row.offset,
          what: 'the event does not match the chain',
        })
      }
      return row
    },
  }
}

function prepareStatements(db: Database.Database) {
  const columns = 'offset, sum, chain, erased, key_sum AS keySum, key, payload'
  return {
    page: db.prepare<[number, number, number], PageRow>(
      `SELECT offset, sum, erased, payload FROM events
       WHERE channel_id = ? AND offset BETWEEN ? AND ? ORDER BY offset`,
    ),
    whole: db.prepare<[number, number, number], LogRow>(
      `SELECT ${columns} FROM events
       WHERE channel_id = ? AND offset BETWEEN ? AND ? ORDER BY offset`,
    ),
    chain: db
      .prepare<[number, number], number>(
        'SELECT chain FROM events WHERE channel_id = ? AND offset = ?',
      )
      .pluck(),
    byKey: db.prepare<[number, Buffer], KeyRow>(
      `SELECT offset, sum, chain, key_sum AS keySum, key FROM events
       WHERE channel_id = ? AND key = ?`,
    ),
    // A key may have arrived twice: once its event was compacted away it is free again.
    arrivedByKey: db.prepare<[string, Buffer], KeyRow>(
      `SELECT offset, sum, chain, key_sum AS keySum, key FROM arrivals
       WHERE no IN (SELECT value FROM json_each(?)) AND key = ? ORDER BY no DESC LIMIT 1`,
    ),
    arrived: db.prepare<[number], LogRow & { readonly channelId: number }>(
      `SELECT channel_id AS channelId, ${columns} FROM arrivals WHERE no = ?`,
    ),
  }
}

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
