import type { Json } from '../../../protocol/index.ts'
import type { Retention } from '../../apps/app.ts'
import type { LogState, Storage } from '../../storage/storage.ts'
import { appEvent } from './event-text.ts'
import { replay } from './replay.ts'
import type { AnyApp } from './served-apps.ts'

/** A log may exceed its count by this share before it is cut, so that it is not cut at every event. */
const slack = 0.1

/** Events looked at in one step when they are cut by age. */
const agePageMax = 500

/**
 * Cuts a channel's log to what its app keeps. Returns the log after it, or undefined when there was nothing to cut. An app with
 * state keeps a snapshot in place of what is cut.
 */
export async function retain(
  app: AnyApp,
  storage: Storage,
  channel: string,
  now: number,
): Promise<LogState | undefined> {
  if (app.retention === undefined) return undefined
  const log = await storage.open(channel)
  const through = Math.max(
    byCount(app.retention, log),
    await byAge(app.retention, storage, channel, log, now),
  )
  if (through < log.begin) return undefined
  if (app.initial === undefined) return storage.compact(channel, through)
  const state: Json = await replay(app, storage, channel, through)
  return storage.compact(channel, through, JSON.stringify(state))
}

function byCount({ count }: Retention, { begin, head }: LogState): number {
  if (count === undefined || head - begin + 1 <= Math.ceil(count * (1 + slack))) return 0
  return head - count
}

async function byAge(
  { ageMs }: Retention,
  storage: Storage,
  channel: string,
  log: LogState,
  now: number,
): Promise<number> {
  if (ageMs === undefined) return 0
  let through = 0
  let after = log.begin - 1
  while (after < log.head) {
    const { events } = await storage.readAfter(channel, after, agePageMax)
    for (const stored of events) {
      const event = appEvent(stored)
      // An erased event has no time: it goes with its neighbours.
      if (event !== undefined && event.at > now - ageMs) return through
      through = stored.offset
    }
    after = events.at(-1)?.offset ?? log.head
  }
  return through
}
