import type { Json } from '../../../protocol/index.ts'
import type { Storage, StoredEvent } from '../../storage/storage.ts'
import { coreLimits } from './channel-limits.ts'
import { appEvent, textOf } from './event-text.ts'
import type { AnyApp } from './served-apps.ts'

/** Hears of what an app threw. */
export type Blame = (thrown: unknown) => void

/**
 * The state after one more event. An event at which the app throws leaves the state as it was, now and whenever the log is replayed:
 * it is on disk, and a channel that could never be opened again would be the greater harm.
 */
export function applyEvent(
  app: AnyApp,
  state: Json,
  stored: StoredEvent,
  blame: Blame | undefined,
): Json {
  const event = appEvent(stored)
  if (event === undefined || app.apply === undefined) return state
  try {
    return app.apply(state, event)
  } catch (thrown) {
    blame?.(thrown)
    return state
  }
}

/**
 * The state of a channel after the event at `through`: the newest snapshot, and every event after it. Apps without state
 * have null, and nothing is read. Without `blame` nobody hears of what the app throws: whoever opened the channel has.
 */
export async function replay(
  app: AnyApp,
  storage: Storage,
  channel: string,
  through: number,
  blame?: Blame,
): Promise<Json> {
  if (app.initial === undefined) return null
  const snapshot = await storage.readSnapshot(channel)
  // The snapshot is text that this function's own result was written as.
  let state =
    snapshot === undefined
      ? app.initial
      : (JSON.parse(textOf(snapshot.payload, snapshot.offset)) as Json)
  let after = snapshot?.offset ?? 0
  while (after < through) {
    const { events } = await storage.readAfter(channel, after, coreLimits.replayEventsMax)
    const first = events[0]
    const last = events.at(-1)
    if (first === undefined || last === undefined) break
    // Cut meanwhile: what was cut is in a newer snapshot.
    if (first.offset !== after + 1) return replay(app, storage, channel, through, blame)
    for (const stored of events) {
      if (stored.offset > through) return state
      state = applyEvent(app, state, stored, blame)
    }
    after = last.offset
  }
  return state
}
