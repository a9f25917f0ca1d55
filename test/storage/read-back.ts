import type { Storage, StoredEvent } from '../../src/server/storage/storage.ts'

/** All events of a channel, by offset. */
export async function readAll(
  storage: Storage,
  channel: string,
): Promise<ReadonlyMap<number, StoredEvent>> {
  const events = new Map<number, StoredEvent>()
  let after = 0
  for (;;) {
    const page = await storage.readAfter(channel, after, 500)
    for (const event of page.events) {
      events.set(event.offset, event)
      after = event.offset
    }
    if (page.events.length === 0) return events
  }
}

/** Acknowledged events that are gone, or another event in their place. */
export async function countLost(
  storage: Storage,
  acks: ReadonlyMap<string, readonly { readonly offset: number; readonly n: number }[]>,
): Promise<number> {
  let lost = 0
  for (const [channel, list] of acks) {
    const { begin } = await storage.open(channel)
    const events = await readAll(storage, channel)
    for (const { offset, n } of list) {
      if (offset < begin) continue
      const payload = events.get(offset)?.payload
      if (payload === undefined || (JSON.parse(payload) as { n: number }).n !== n) lost += 1
    }
  }
  return lost
}
