import { useCallback, useEffect, useState } from 'react'
import type { Channel } from 'rusher/client'
import type { ChatBody } from './chat-body.ts'
import type { Message } from './messages.ts'
import type { Scroll } from './use-scroll.ts'

const pageEvents = 100
/** How much history one jump loads at most. */
const pagesMax = 50
const markMs = 2_000

interface Target {
  readonly offset: number
  /** Pages loaded on the way. */
  readonly pages: number
}

/** Jumps to a message by offset, loading history if needed, and highlights it briefly. */
export function useJump(
  channel: Channel<ChatBody>,
  messages: readonly Message[],
  { toMessage }: Scroll,
): { readonly jump: (offset: number) => void; readonly marked: string | undefined } {
  const [target, setTarget] = useState<Target>()
  const [marked, setMarked] = useState<string>()
  const jump = useCallback((offset: number) => setTarget({ offset, pages: 0 }), [])

  useEffect(() => {
    if (target === undefined) return
    const { offset, pages } = target
    const key = messages.find((message) => message.offset === offset)?.key
    if (key !== undefined) {
      if (toMessage(key)) setMarked(key)
      setTarget(undefined)
      return
    }
    const { events, hasOlder } = channel.getSnapshot()
    const oldest = events[0]?.offset ?? Number.POSITIVE_INFINITY
    if (!hasOlder || oldest <= offset || pages >= pagesMax) return setTarget(undefined)
    let current = true
    channel.loadOlder(pageEvents).then(
      () => current && setTarget({ offset, pages: pages + 1 }),
      () => current && setTarget(undefined),
    )
    return () => {
      current = false
    }
  }, [channel, messages, target, toMessage])

  useEffect(() => {
    if (marked === undefined) return
    const timer = setTimeout(() => setMarked(undefined), markMs)
    return () => clearTimeout(timer)
  }, [marked])

  return { jump, marked }
}
