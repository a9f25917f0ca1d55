import { useEffect, useMemo } from 'react'
import type { Channel } from 'rusher/client'
import type { Me } from '../people.ts'
import type { ChatBody } from '../room/chat-body.ts'
import { foldMessages } from '../room/messages.ts'
import { readThrough } from '../room/read.ts'
import { useChannel } from '../use-channel.ts'

/** More than this is shown as `99+`. */
export const unreadMax = 99

/** How many messages of others came after the one that was read last, here or on another device. */
export function useUnread(channel: Channel<ChatBody>, me: Me): number {
  const snapshot = useChannel(channel)
  const { state, events, position, hasOlder } = snapshot
  const read = readThrough(snapshot, me)
  const oldest = events[0]?.offset ?? (position?.offset ?? 0) + 1
  const wantsOlder =
    state === 'joined' &&
    hasOlder &&
    read !== undefined &&
    read + 1 < oldest &&
    events.length <= unreadMax

  useEffect(() => {
    // A page that does not come now is asked for again when the channel is joined again.
    if (wantsOlder) channel.loadOlder(unreadMax + 1).catch(() => undefined)
  }, [channel, wantsOlder])

  return useMemo(
    () =>
      foldMessages(events, [], me, 0).filter(
        ({ offset = 0, author, deleted }) =>
          offset > (read ?? 0) && author.id !== me.id && !deleted,
      ).length,
    [events, me, read],
  )
}
