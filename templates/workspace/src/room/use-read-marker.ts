import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Channel } from 'rusher/client'
import type { Me } from '../people.ts'
import { useChannel } from '../use-channel.ts'
import type { ChatBody } from './chat-body.ts'
import { readThrough } from './read.ts'
import type { Unseen } from './rows.ts'

/** A reader says so this long after the last new message, rather than once for each. */
const readMs = 500

/**
 * Tells the server how far the user has read, and answers with what came while they were away: that is where the list
 * draws its line.
 */
export function useReadMarker(
  channel: Channel<ChatBody>,
  me: Me,
  atEnd: boolean,
): Unseen | undefined {
  const snapshot = useChannel(channel)
  const { state, position } = snapshot
  const visible = useSyncExternalStore(subscribeVisibility, isVisible)
  const [unseen, setUnseen] = useState<Unseen>()
  const joined = state === 'joined'
  const head = position?.offset ?? 0
  const read = readThrough(snapshot, me) ?? 0

  useEffect(() => {
    if (!joined) return
    const now = channel.getSnapshot()
    const after = readThrough(now, me)
    const through = now.position?.offset ?? 0
    if (after !== undefined && after < through) setUnseen((known) => known ?? { after, through })
  }, [channel, me, joined])

  useEffect(
    () =>
      subscribeVisibility(() => {
        const now = channel.getSnapshot().position?.offset ?? 0
        if (!isVisible()) setUnseen({ after: now, through: Number.POSITIVE_INFINITY })
        else setUnseen((known) => known && { ...known, through: Math.min(known.through, now) })
      }),
    [channel],
  )

  const seen = joined && visible && atEnd && head > read ? head : 0
  const due = useRef(0)
  useEffect(() => {
    due.current = seen
    if (seen === 0) return
    const timer = setTimeout(() => void channel.publish({ kind: 'read', offset: seen }), readMs)
    return () => clearTimeout(timer)
  }, [channel, seen])
  useEffect(
    () => () => {
      // Who goes on to another room has read this one, even in less time than that.
      if (due.current > 0) void channel.publish({ kind: 'read', offset: due.current })
    },
    [channel],
  )

  return unseen
}

function isVisible(): boolean {
  return document.visibilityState === 'visible'
}

function subscribeVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}
