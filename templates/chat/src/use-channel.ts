import { useSyncExternalStore } from 'react'
import type { Channel, Client, ClientSnapshot } from 'rusher/client'

/** What is known of a channel now: its events, who is in it, what waits to be saved. */
export function useChannel<Body>(channel: Channel<Body>) {
  return useSyncExternalStore(channel.subscribe, channel.getSnapshot)
}

/** How the connection is now. */
export function useClient(client: Client) {
  return useSyncExternalStore(client.subscribe, client.getSnapshot)
}

/** Whether the server cannot be reached. The first attempt of all does not count. */
export function isAway({ state, attempt }: ClientSnapshot): boolean {
  return state === 'offline' || state === 'closed' || (state === 'connecting' && attempt > 0)
}
