import type { ChannelEvent, ChannelSnapshot } from 'rusher/client'
import type { Me } from '../people.ts'
import type { ChatBody } from './chat-body.ts'

/**
 * The offset up to which someone has read a room: what they said they read, on any device, or their own newest message,
 * since who answers has read. Undefined when they did neither.
 */
export function readThrough(
  { events, latest }: Pick<ChannelSnapshot<ChatBody>, 'events' | 'latest'>,
  me: Me,
): number | undefined {
  const marker = latest.get(`read:${me.id}`)?.body as { readonly offset: number } | undefined
  const own = events.findLast((event) => isSaidBy(event, me.id))
  if (marker === undefined || own === undefined) return marker?.offset ?? own?.offset
  return Math.max(marker.offset, own.offset)
}

/** A reaction to an old message does not mean that what came after it was read. */
function isSaidBy(event: ChannelEvent<ChatBody>, id: string): boolean {
  return 'body' in event && event.user.id === id && event.body.kind !== 'react'
}
