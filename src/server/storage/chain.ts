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

/** The chain before the first event of a log. */
export const chainStart = 0

const scratch = Buffer.alloc(32)

/** The checksum of a payload. */
export function sumOf(payload: Uint8Array): number {
  return crc32(payload)
}

/**
 * The chain at a row, from the chain just before it. A changed, missing, added or moved row changes every chain after it.
 * It finds accidents; whoever can write the file can also compute it.
 */
export function chainOf(previous: number, link: Link): number {
  scratch.writeUInt32LE(previous, 0)
  scratch.writeUInt32LE(link.sum, 4)
  scratch.writeDoubleLE(link.offset, 8)
  scratch.writeDoubleLE(link.keySum ?? Number.NaN, 16)
  scratch.writeUInt32LE(link.key === null ? 0 : crc32(link.key), 24)
  scratch.writeUInt32LE(link.key === null ? 0 : 1, 28)
  return crc32(scratch)
}

/** The checksum of a channel's own row. */
export function sumOfChannel(row: ChannelRow): number {
  scratch.writeUInt32LE(row.chain, 0)
  scratch.writeUInt32LE(row.baseChain, 4)
  scratch.writeDoubleLE(row.begin, 8)
  scratch.writeDoubleLE(row.head, 16)
  scratch.fill(0, 24)
  return crc32(scratch, crc32(row.name))
}

/** The checksum of a value kept under a name. */
export function sumOfLatest(name: Uint8Array, payload: Uint8Array): number {
  return crc32(payload, crc32(name))
}

/** The checksum of a snapshot. */
export function sumOfSnapshot(offset: number, payload: Uint8Array): number {
  scratch.writeDoubleLE(offset, 0)
  return crc32(payload, crc32(scratch.subarray(0, 8)))
}
