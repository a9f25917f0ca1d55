import { readSync } from 'node:fs'
import { sumOfMeta } from './checksum-chain.ts'
import type { Meta } from './schema.ts'

/** Page size of every database created here, in bytes. */
const pageBytes = 4_096
/** The table `meta` was created first, so its root is the second page. */
const metaPageAt = pageBytes
const leafPage = 0x0d

/**
 * Reads the meta row directly from the file, without its write-ahead log, which SQLite cannot
 * exclude. Undefined unless the row is in its place with a valid checksum. Format:
 * https://www.sqlite.org/fileformat2.html
 */
export function readRawMeta(file: number): Meta | undefined {
  const page = Buffer.alloc(pageBytes)
  if (readSync(file, page, 0, pageBytes, metaPageAt) < pageBytes) return undefined
  try {
    return metaOf(page)
  } catch (error) {
    // A length points past the end of the page.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function metaOf(page: Buffer): Meta | undefined {
  if (page[0] !== leafPage || page.readUInt16BE(3) !== 1) return undefined
  const cell = createCursor(page, page.readUInt16BE(8))
  const payloadBytes = cell.varint()
  if (payloadBytes > pageBytes) return undefined
  // The rowid.
  cell.varint()
  const headerAt = cell.at()
  const headerBytes = cell.varint()
  const types: number[] = []
  while (cell.at() < headerAt + headerBytes) types.push(cell.varint())
  const [, epoch, , commitNo, latestNo, sum] = types.map((type) => cell.value(type))
  if (typeof epoch !== 'string' || typeof commitNo !== 'number' || typeof latestNo !== 'number') {
    return undefined
  }
  const meta = { epoch, commitNo, latestNo }
  return sumOfMeta(meta) === sum ? meta : undefined
}

/** Reads the fields of a record from a page in sequence. */
function createCursor(page: Buffer, start: number) {
  let at = start

  function varint(): number {
    let value = 0
    for (let count = 0; count < 8; count += 1) {
      const byte = page.readUInt8(at)
      at += 1
      value = value * 128 + (byte & 0x7f)
      if (byte < 0x80) return value
    }
    throw new RangeError('a 9-byte varint')
  }

  function integer(bytes: number): number {
    const value = bytes === 8 ? Number(page.readBigInt64BE(at)) : page.readIntBE(at, bytes)
    at += bytes
    return value
  }

  return {
    at: () => at,
    varint,

    /** Reads a column of the given serial type; integers and text only. */
    value(type: number): number | string | undefined {
      if (type === 0) return undefined
      if (type <= 6) return integer([1, 2, 3, 4, 6, 8][type - 1] ?? 0)
      if (type === 8 || type === 9) return type - 8
      if (type < 13 || type % 2 === 0) throw new RangeError('neither an integer nor text')
      const bytes = (type - 13) / 2
      if (at + bytes > page.length) throw new RangeError('beyond the page')
      at += bytes
      return page.toString('utf8', at - bytes, at)
    },
  }
}
