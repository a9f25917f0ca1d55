/** A row of `arrivals`, without what it holds. */
export interface Arrival {
  readonly no: number
  readonly channelId: number
  readonly offset: number
  readonly key: Buffer | null
}

/** One channel's rows. Their offsets follow one another without a hole. */
interface ChannelArrivals {
  first: number
  readonly nos: number[]
  /** By key, in the order of the offsets. */
  readonly offsets: Map<string, number>
}

/**
 * Where each channel's rows are in `arrivals`, which is in order of arrival only. Whoever has a connection to the database has an index of
 * its own in memory: kept in the table it would have to be written with each commit, at as many places as there are channels.
 */
export interface ArrivalIndex {
  /** Adds a row. One that does not follow its channel's last begins the channel anew: what was before it has been taken out. */
  add(arrival: Arrival): void
  /** The number of the row of an offset. */
  noOf(channelId: number, offset: number): number | undefined
  /** The offset under which a key arrived. */
  offsetOf(channelId: number, key: Buffer): number | undefined
  /** The numbers of a channel's rows after an offset and up to a number, in order. */
  nosAfter(channelId: number, offset: number, lastNo: number): readonly number[]
  /** The first and the last offset of a channel. */
  firstOf(channelId: number): number | undefined
  lastOf(channelId: number): number | undefined
  /** Rows of a channel. */
  count(channelId: number): number
  /** The channels that have rows. */
  channelIds(): readonly number[]
  /** Forgets a key, whose event was compacted away, so that it may arrive again. */
  releaseKey(channelId: number, key: Buffer): void
  /** Forgets the rows of a channel. */
  forgetChannel(channelId: number): void
  /** Forgets all rows up to a number. */
  forgetThrough(no: number): void
}

export function createArrivalIndex(): ArrivalIndex {
  const channels = new Map<number, ChannelArrivals>()

  function lastOf(channelId: number): number | undefined {
    const found = channels.get(channelId)
    return found && found.first + found.nos.length - 1
  }

  return {
    add({ no, channelId, offset, key }) {
      let found = channels.get(channelId)
      if (found === undefined || found.first + found.nos.length !== offset) {
        found = { first: offset, nos: [], offsets: new Map() }
        channels.set(channelId, found)
      }
      found.nos.push(no)
      if (key === null) return
      const text = textOf(key)
      // A map leaves what it has where it stands.
      found.offsets.delete(text)
      found.offsets.set(text, offset)
    },

    noOf(channelId, offset) {
      const found = channels.get(channelId)
      return found?.nos[offset - found.first]
    },

    offsetOf: (channelId, key) => channels.get(channelId)?.offsets.get(textOf(key)),

    nosAfter(channelId, offset, lastNo) {
      const found = channels.get(channelId)
      if (found === undefined) return []
      const from = Math.max(0, offset + 1 - found.first)
      let to = found.nos.length
      while (to > from && (found.nos[to - 1] ?? 0) > lastNo) to -= 1
      return found.nos.slice(from, to)
    },

    firstOf: (channelId) => channels.get(channelId)?.first,
    lastOf,
    count: (channelId) => channels.get(channelId)?.nos.length ?? 0,
    channelIds: () => [...channels.keys()],
    releaseKey: (channelId, key) => void channels.get(channelId)?.offsets.delete(textOf(key)),
    forgetChannel: (channelId) => void channels.delete(channelId),

    forgetThrough(no) {
      for (const [channelId, found] of channels) {
        const { nos, offsets } = found
        let count = 0
        while (count < nos.length && (nos[count] ?? 0) <= no) count += 1
        nos.splice(0, count)
        found.first += count
        for (const [key, offset] of offsets) {
          if (offset >= found.first) break
          offsets.delete(key)
        }
        if (nos.length === 0) channels.delete(channelId)
      }
    },
  }
}

/** Keys are any bytes; each of them is one character of this. */
function textOf(key: Buffer): string {
  return key.toString('latin1')
}
