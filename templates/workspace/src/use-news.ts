import { useEffect, useState } from 'react'
import type { Channel, ChannelEvent } from 'rusher/client'
import type { Me } from './people.ts'
import type { ChatBody } from './room/chat-body.ts'
import { useChannel } from './use-channel.ts'

/** Whether a chat has unread messages of other users. */
export function useNews(chat: Channel<ChatBody>, me: Me, shown: boolean): boolean {
  const { events, state } = useChannel(chat)
  const last = events.findLast((event) => isNews(event, me))?.offset ?? 0
  const [seen, setSeen] = useState<number>()
  useEffect(() => {
    // What was said before the page was opened is no news.
    if (shown || (seen === undefined && state === 'joined')) setSeen(last)
  }, [shown, state, last, seen])
  return !shown && last > (seen ?? last)
}

function isNews(event: ChannelEvent<ChatBody>, me: Me): boolean {
  return 'body' in event && event.body.kind !== 'react' && event.user.id !== me.id
}
