import { RusherError } from '../../../protocol/index.ts'
import { bytesOfText } from '../packed.ts'
import type {
  Appended,
  EventToAppend,
  LatestToKeep,
  LogState,
  Page,
  Payload,
  Snapshot,
  Storage,
  StoredEvent,
  ToAppend,
} from '../storage.ts'

interface MemoryEvent {
  payload: Payload | undefined
  readonly key: string | undefined
  readonly keySum: number | undefined
}

interface MemoryChannel {
  /** Offset of the first of `events`. */
  begin: number
  events: MemoryEvent[]
  readonly offsets: Map<string, number>
  /** In order of the last change, the newest last. */
  readonly latest: Map<string, string>
  snapshot: Snapshot | undefined
}

/** Keeps the logs in memory: for development and tests. What it holds ends with it. */
export function createMemoryStorage({ epoch }: { readonly epoch: string }): Storage {
  const channels = new Map<string, MemoryChannel>()
  let closed = false

  function readable(name: string): MemoryChannel {
    refuseWhenClosed()
    return channels.get(name) ?? createChannel()
  }

  function writable(name: string): MemoryChannel {
    let channel = channels.get(name)
    if (channel === undefined) {
      channel = createChannel()
      channels.set(name, channel)
    }
    return channel
  }

  function refuseWhenClosed(): void {
    if (closed) throw new RusherError('STORAGE_CLOSED', 'the storage was closed')
  }

  function appendOne(item: ToAppend): Appended {
    if (item.kind === 'latest') return keepLatest(writable(item.channel), item)
    // A conflict must not leave an empty channel behind.
    const answer = answerFromLog(channels.get(item.channel) ?? createChannel(), item)
    return answer ?? appendEvent(writable(item.channel), item)
  }

  return {
    durability: 'memory',

    async append(batch) {
      refuseWhenClosed()
      return batch.map(appendOne)
    },

    async open(name) {
      return stateOf(readable(name), epoch)
    },

    async readAfter(name, after, limit, bytesMax) {
      const channel = readable(name)
      const from = Math.max(after + 1, channel.begin)
      const to = Math.min(from + limit - 1, lastWithin(channel, from, bytesMax))
      return pageFrom(channel, { epoch, from, to })
    },

    async readBefore(name, before, limit) {
      const channel = readable(name)
      const to = Math.min(before - 1, headOf(channel))
      return pageFrom(channel, { epoch, from: to - limit + 1, to })
    },

    async readOne(name, offset) {
      const channel = readable(name)
      const event = channel.events[offset - channel.begin]
      return event === undefined ? undefined : { offset, payload: ownCopy(event.payload) }
    },

    async findKey(name, key) {
      const channel = readable(name)
      const offset = channel.offsets.get(key)
      if (offset === undefined) return undefined
      return { offset, keySum: channel.events[offset - channel.begin]?.keySum }
    },

    async readLatest(name, limit) {
      const kept = [...readable(name).latest].reverse().slice(0, Math.max(limit, 0))
      return kept.map(([latestName, payload]) => ({ name: latestName, payload }))
    },

    async compact(name, through, snapshot) {
      refuseWhenClosed()
      const channel = channels.get(name)
      if (channel === undefined) return stateOf(createChannel(), epoch)
      if (snapshot !== undefined) keepSnapshot(channel, through, snapshot)
      compactChannel(channel, Math.min(through, headOf(channel)))
      return stateOf(channel, epoch)
    },

    async saveSnapshot(name, offset, snapshot) {
      refuseWhenClosed()
      const channel = channels.get(name)
      if (channel !== undefined) keepSnapshot(channel, offset, snapshot)
    },

    async readSnapshot(name) {
      const { snapshot } = readable(name)
      return snapshot && { offset: snapshot.offset, payload: ownCopy(snapshot.payload) }
    },

    async channels(after, limit) {
      refuseWhenClosed()
      const names = [...channels].filter(([, channel]) => headOf(channel) > 0).map(([name]) => name)
      const sorted = names.sort((a, b) => Buffer.compare(bytesOfText(a), bytesOfText(b)))
      const afterBytes = bytesOfText(after)
      const rest = sorted.filter((name) => Buffer.compare(bytesOfText(name), afterBytes) > 0)
      return rest.slice(0, Math.max(limit, 0))
    },

    async probe() {
      refuseWhenClosed()
    },

    async close() {
      closed = true
      channels.clear()
    },
  }
}

function createChannel(): MemoryChannel {
  return { begin: 1, events: [], offsets: new Map(), latest: new Map(), snapshot: undefined }
}

/** Whoever gave or is given bytes may change theirs; the log's stay. */
function ownCopy<Kept extends Payload | undefined>(payload: Kept): Kept | Uint8Array {
  return payload instanceof Uint8Array ? new Uint8Array(payload) : payload
}

function headOf(channel: MemoryChannel): number {
  return channel.begin + channel.events.length - 1
}

function stateOf(channel: MemoryChannel, epoch: string): LogState {
  return { epoch, begin: channel.begin, head: headOf(channel) }
}

/** The answer to an event that the log settles by itself; undefined when it is to be appended. */
function answerFromLog(channel: MemoryChannel, item: EventToAppend): Appended | undefined {
  const offset = item.key === undefined ? undefined : channel.offsets.get(item.key)
  if (offset !== undefined) {
    const first = channel.events[offset - channel.begin]
    return { kind: 'duplicate', offset, same: first?.keySum === item.keySum }
  }
  const head = headOf(channel)
  if (item.expect !== undefined && item.expect !== head) return { kind: 'conflict', head }
  return undefined
}

function appendEvent(channel: MemoryChannel, item: EventToAppend): Appended {
  if (item.erase !== undefined) {
    const erased = channel.events[item.erase - channel.begin]
    if (erased !== undefined) erased.payload = undefined
  }
  channel.events.push({ payload: ownCopy(item.payload), key: item.key, keySum: item.keySum })
  const offset = headOf(channel)
  if (item.key !== undefined) channel.offsets.set(item.key, offset)
  return { kind: 'appended', offset }
}

function keepLatest(channel: MemoryChannel, item: LatestToKeep): Appended {
  // A Map keeps the order of first insertion, so a changed value has to leave before it comes in again.
  channel.latest.delete(item.name)
  channel.latest.set(item.name, item.payload)
  return { kind: 'kept' }
}

function pageFrom(
  channel: MemoryChannel,
  { epoch, from, to }: { readonly epoch: string; readonly from: number; readonly to: number },
): Page {
  const first = Math.max(from, channel.begin)
  const rows = channel.events.slice(first - channel.begin, Math.max(to - channel.begin + 1, 0))
  const events: StoredEvent[] = rows.map(({ payload }, index) => ({
    offset: first + index,
    payload: ownCopy(payload),
  }))
  return { log: stateOf(channel, epoch), events }
}

/** The last offset up to which the payloads from an offset on come to no more bytes; that offset at least. */
function lastWithin(channel: MemoryChannel, from: number, bytesMax: number | undefined): number {
  if (bytesMax === undefined) return headOf(channel)
  let bytes = 0
  for (let offset = from; offset <= headOf(channel); offset += 1) {
    const payload = channel.events[offset - channel.begin]?.payload
    bytes += payload === undefined ? 0 : Buffer.byteLength(payload)
    if (bytes > bytesMax && offset > from) return offset - 1
  }
  return headOf(channel)
}

function keepSnapshot(channel: MemoryChannel, asked: number, snapshot: Payload): void {
  const offset = Math.min(asked, headOf(channel))
  // Nothing can stand for what is not there.
  if (offset < 1 || offset < (channel.snapshot?.offset ?? 0)) return
  channel.snapshot = { offset, payload: ownCopy(snapshot) }
}

function compactChannel(channel: MemoryChannel, through: number): void {
  if (through < channel.begin) return
  for (const event of channel.events.splice(0, through - channel.begin + 1)) {
    if (event.key !== undefined) channel.offsets.delete(event.key)
  }
  channel.begin = through + 1
}
