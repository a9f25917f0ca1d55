import type Database from 'better-sqlite3'
import { chainStart, sumOfChannel } from './checksum-chain.ts'
import { corrupt } from './storage-corrupt.ts'

/** A channel as the writer knows it. */
export interface ChannelState {
  readonly id: number
  readonly name: Buffer
  begin: number
  head: number
  chain: number
  baseChain: number
}

/** A row of `channels` beside its name. */
export interface StoredChannel {
  readonly id: number
  readonly begin: number
  readonly head: number
  readonly chain: number
  readonly baseChain: number
  readonly sum: number
}

/** Selects a `StoredChannel` by its name. */
export const selectChannel =
  'SELECT id, begin, head, chain, base_chain AS baseChain, sum FROM channels WHERE name = ?'

/** Throws when a channel's row is not what was written. */
export function checkChannel(name: Buffer, row: StoredChannel): void {
  const { begin, head, chain, baseChain } = row
  if (sumOfChannel({ name, begin, head, chain, baseChain }) !== row.sum) {
    throw corrupt(name, { what: "the channel's row does not match its checksum" })
  }
}

/**
 * The channels' rows within the writer. Those used last stay in memory, so that an append needs no look-up; changes are
 * saved once a transaction, however many events it brings.
 */
export function createChannelRows(db: Database.Database, cachedMax: number) {
  const select = db.prepare<[Buffer], StoredChannel>(selectChannel)
  const insert = db.prepare('INSERT INTO channels VALUES (NULL, ?, 1, 0, ?, ?, 0, 0)')
  const update = db.prepare(
    'UPDATE channels SET begin = ?, head = ?, chain = ?, base_chain = ?, commit_no = ?, sum = ? WHERE id = ?',
  )
  const cached = new Map<string, ChannelState>()
  const changed = new Set<ChannelState>()

  function find(name: Buffer): ChannelState | undefined {
    const key = name.toString('latin1')
    const known = cached.get(key)
    if (known !== undefined) {
      cached.delete(key)
      cached.set(key, known)
      return known
    }
    const row = select.get(name)
    if (row === undefined) return undefined
    checkChannel(name, row)
    // The name is a view on a batch that should not live as long as this row.
    const { id, begin, head, chain, baseChain } = row
    const state = { id, name: Buffer.from(name), begin, head, chain, baseChain }
    cached.set(key, state)
    return state
  }

  return {
    find,

    findOrCreate(name: Buffer): ChannelState {
      const known = find(name)
      if (known !== undefined) return known
      const { lastInsertRowid } = insert.run(name, chainStart, chainStart)
      const state = {
        id: Number(lastInsertRowid),
        name: Buffer.from(name),
        begin: 1,
        head: 0,
        chain: chainStart,
        baseChain: chainStart,
      }
      cached.set(name.toString('latin1'), state)
      changed.add(state)
      return state
    },

    change(state: ChannelState): void {
      changed.add(state)
    },

    save(commitNo: number): void {
      for (const state of changed) {
        const { begin, head, chain, baseChain, id } = state
        update.run(begin, head, chain, baseChain, commitNo, sumOfChannel(state), id)
      }
    },

    /** After a commit. */
    keep(): void {
      changed.clear()
      for (const key of cached.keys()) {
        if (cached.size <= cachedMax) break
        cached.delete(key)
      }
    },

    /** After a rollback, when nothing known here is sure. */
    forget(): void {
      changed.clear()
      cached.clear()
    },
  }
}
