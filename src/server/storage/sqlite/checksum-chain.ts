import { crc32 } from 'node:zlib'

/** What a row of a log holds beside its payload. The payload counts by its sum, so that it can be erased. */
export interface Link {
  readonly offset: number
  /** Checksum of the payload. */
  readonly sum: number
  readonly key: Uint8Array | null
  readonly keySum: number | null
}

/** What is kept of a channel beside its rows. */
export interface ChannelRow {
  readonly name: Uint8Array
  readonly begin: number
  readonly head: number
  /** The chain at the head. */
  readonly chain: number
  /** The chain just before the begin. */
  readonly baseChain: number
}

/** A value kept under a name. */
export interface LatestRow {
  readonly channelId: number
  readonly name: Uint8Array
  readonly updatedNo: number
  readonly payload: Uint8Array
}

/** What stands for the events up to an offset. */
export interface SnapshotRow {
  readonly channelId: number
  readonly offset: number
  readonly payload: Uint8Array
}

/** The chain before the first event of a log. */
export const chainStart = 0

const scratch = Buffer.alloc(40)

/** The checksum of a payload. */
export function sumOf(payload: Uint8Array): number {
  return sumBytes(payload)
}

/**
 * The chain at a row, from the chain just before it. A changed, missing, added or moved row changes every chain after it.
 * It finds accidents; whoever can write the file can also compute it.
 */
export function chainOf(previous: number, { offset, sum, key, keySum }: Link): number {
  scratch.writeDoubleLE(previous, 0)
  scratch.writeDoubleLE(offset, 8)
  scratch.writeDoubleLE(sum, 16)
  scratch.writeDoubleLE(keySum ?? Number.NaN, 24)
  scratch.writeDoubleLE(key === null ? Number.NaN : sumBytes(key), 32)
  return crc32(scratch)
}

/** The checksum of a channel's own row. */
export function sumOfChannel({ name, begin, head, chain, baseChain }: ChannelRow): number {
  scratch.writeDoubleLE(begin, 0)
  scratch.writeDoubleLE(head, 8)
  scratch.writeDoubleLE(chain, 16)
  scratch.writeDoubleLE(baseChain, 24)
  return sumBytes(name, crc32(scratch.subarray(0, 32)))
}

/** The checksum of a row of `latest`. */
export function sumOfLatest({ channelId, name, updatedNo, payload }: LatestRow): number {
  scratch.writeDoubleLE(channelId, 0)
  scratch.writeDoubleLE(updatedNo, 8)
  return sumBytes(payload, sumBytes(name, crc32(scratch.subarray(0, 16))))
}

/** The checksum of a row of `snapshots`. */
export function sumOfSnapshot({ channelId, offset, payload }: SnapshotRow): number {
  scratch.writeDoubleLE(channelId, 0)
  scratch.writeDoubleLE(offset, 8)
  return sumBytes(payload, crc32(scratch.subarray(0, 16)))
}

/** The checksum of the database's row about itself. */
export function sumOfMeta({
  epoch,
  commitNo,
  latestNo,
}: {
  readonly epoch: string
  readonly commitNo: number
  readonly latestNo: number
}): number {
  scratch.writeDoubleLE(commitNo, 0)
  scratch.writeDoubleLE(latestNo, 8)
  return crc32(String(epoch), crc32(scratch.subarray(0, 16)))
}

/** A damaged row may hold anything where bytes were written; nothing has the checksum -1. */
function sumBytes(bytes: unknown, seed = 0): number {
  return bytes instanceof Uint8Array && seed >= 0 ? crc32(bytes, seed) : -1
}
