import { bytesOfText, textOfBytes } from '../../src/server/storage/packed.ts'
import { createLogReader } from '../../src/server/storage/sqlite/log-reader.ts'
import { openInThread } from './open-storage.ts'

export type Acks = ReadonlyMap<string, readonly { readonly offset: number; readonly n: number }[]>

export interface ReadBack {
  readonly begin: number
  readonly head: number
  /** The number in each event, from the begin on. */
  readonly numbers: readonly number[]
  readonly snapshotOffset: number | undefined
}

/** Opens a database as a server would, and reads channels that hold numbered events. */
export function readBack(path: string, channels: readonly string[]): ReadonlyMap<string, ReadBack> {
  const { db, close } = openInThread(path)
  try {
    const log = createLogReader(db)
    return new Map(
      channels.map((name) => {
        const channel = bytesOfText(name)
        const page = log.after(channel, 0, Number.MAX_SAFE_INTEGER)
        const numbers = (page?.payloads ?? []).map((payload) => numberOf(payload))
        const { begin, head } = page ?? { begin: 1, head: 0 }
        return [name, { begin, head, numbers, snapshotOffset: log.snapshot(channel)?.offset }]
      }),
    )
  } finally {
    close()
  }
}

function numberOf(payload: Buffer | null): number {
  return payload === null ? Number.NaN : (JSON.parse(textOfBytes(payload)) as { n: number }).n
}

/** Acknowledged events that are gone, or that have another in their place. */
export function countLost(path: string, acks: Acks): number {
  const found = readBack(path, [...acks.keys()])
  let lost = 0
  for (const [channel, list] of acks) {
    const { begin, numbers } = found.get(channel) ?? { begin: 1, numbers: [] }
    for (const { offset, n } of list) {
      if (offset >= begin && numbers[offset - begin] !== n) lost += 1
    }
  }
  return lost
}
