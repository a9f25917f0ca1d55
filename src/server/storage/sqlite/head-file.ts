import { closeSync, constants, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'

/**
 * The last commit of a database, kept in a small file beside it. A database that is behind it has lost commits, which
 * SQLite itself does not notice: to it, a damaged write-ahead log just ends early.
 */
export interface HeadRecord {
  readonly epoch: string
  readonly commitNo: number
  /** The last commit known to be checkpointed into the database file; 0 if unknown. */
  readonly checkpointNo: number
}

export const headFileSuffix = '-head'

const slotBytes = 256
const pattern = /^rusher-head ([0-9a-f]{8}) (.+?) *$/

/** Reads a head file. A file that is missing, empty or damaged is as if there were none. */
export function readHeadFile(path: string): HeadRecord | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    // Whatever keeps it from being read: it only ever adds a check.
    return undefined
  }
  const records = text.split('\n').map(parseSlot)
  return records.reduce(
    (newest, record) =>
      newest === undefined || (record?.commitNo ?? -1) > newest.commitNo ? record : newest,
    undefined,
  )
}

function parseSlot(line: string): HeadRecord | undefined {
  const [, sum, json] = pattern.exec(line) ?? []
  if (sum === undefined || json === undefined || crc32(json) !== Number.parseInt(sum, 16)) {
    return undefined
  }
  const [epoch, commitNo, checkpointNo = 0] = JSON.parse(json) as [string, number, number?]
  return { epoch, commitNo, checkpointNo }
}

/**
 * Opens a head file for writing. It is written after each commit, in place and without fsync: it must never cost what a
 * commit costs, and it may be late but never early. Two slots take turns, so that a torn write leaves the one before.
 */
export function openHeadFile(path: string) {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644)
  let slot = 0

  return {
    write({ epoch, commitNo, checkpointNo }: HeadRecord): void {
      const json = JSON.stringify([epoch, commitNo, checkpointNo])
      const sum = crc32(json).toString(16).padStart(8, '0')
      const line = `rusher-head ${sum} ${json}`.padEnd(slotBytes - 1)
      writeSync(file, `${line}\n`, slot * slotBytes)
      slot = 1 - slot
    },

    sync(): void {
      fsyncSync(file)
    },

    close(): void {
      closeSync(file)
    },
  }
}

export type HeadFile = ReturnType<typeof openHeadFile>
