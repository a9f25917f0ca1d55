import type { Json } from '../../protocol/index.ts'
import type { Storage } from '../storage/storage.ts'
import { type AnyApp, coreSizes } from './core-options.ts'
import { appEvent } from './event-text.ts'

/**
 * The state of a channel after the event at `through`: the newest snapshot, and every event after it. Apps without state
 * have null, and nothing is read.
 */
export async function replay(
  app: AnyApp,
  storage: Storage,
  channel: string,
  through: number,
): Promise<Json> {
  if (app.initial === undefined) return null
  const snapshot = await storage.readSnapshot(channel)
  // The snapshot is text that this function's own result was written as.
  let state = snapshot === undefined ? app.initial : (JSON.parse(snapshot.payload) as Json)
  let after = snapshot?.offset ?? 0
  while (after < through) {
    const { events } = await storage.readAfter(channel, after, coreSizes.replayEventsMax)
    const last = events.at(-1)
    if (last === undefined) break
    for (const stored of events) {
      if (stored.offset > through) return state
      const event = appEvent(stored)
      if (event !== undefined && app.apply !== undefined) state = app.apply(state, event)
    }
    after = last.offset
  }
  return state
}
