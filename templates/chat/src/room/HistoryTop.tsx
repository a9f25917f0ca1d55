import { useEffect, useRef, useState } from 'react'
import { useChannel } from '../use-channel.ts'
import { useConversation } from './conversation.ts'

/** Older messages are asked for when the top of the list is this near. */
const near = '800px 0px 0px 0px'
const pageEvents = 50

/** The top of the list: loads what is before it as it comes into view, and says what is not there any more. */
export function HistoryTop({ room }: { room: string }) {
  const { channel, away } = useConversation()
  const { state, events, position, hasOlder, begin, gap } = useChannel(channel)
  const top = useRef<HTMLDivElement>(null)
  const [failed, setFailed] = useState(false)
  const oldest = events[0]?.offset
  const wanted = state === 'joined' && hasOlder && !failed

  // After each page the top is looked at anew: a page may be all edits, and leave it in view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `oldest` changes when a page has come.
  useEffect(() => {
    const element = top.current
    if (element === null || !wanted) return
    const load = ([entry]: IntersectionObserverEntry[]) => {
      if (entry?.isIntersecting) channel.loadOlder(pageEvents).catch(() => setFailed(true))
    }
    const observer = new IntersectionObserver(load, {
      root: element.closest('.message-scroll'),
      rootMargin: near,
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [channel, wanted, oldest])

  return (
    <div ref={top} className="history-top">
      {gap !== undefined && (
        <p>
          {gap.reason === 'epoch'
            ? 'The history before this was replaced on the server.'
            : `Messages ${gap.from} to ${gap.to} are no longer kept.`}
        </p>
      )}
      {failed && (
        <p>
          Earlier messages did not load.{' '}
          <button type="button" className="link" onClick={() => setFailed(false)}>
            Try again
          </button>
        </p>
      )}
      {state === 'joining' && away && <p>Earlier messages come when the connection is back.</p>}
      {hasOlder && !failed && <p>Loading earlier messages…</p>}
      {position !== undefined && !hasOlder && gap === undefined && (
        <RoomStart room={room} begin={begin ?? 1} empty={position.offset === 0} />
      )}
    </div>
  )
}

interface RoomStartProps {
  readonly room: string
  /** The oldest offset that is still kept. */
  readonly begin: number
  readonly empty: boolean
}

function RoomStart({ room, begin, empty }: RoomStartProps) {
  if (begin > 1) return <p>Messages 1 to {begin - 1} are no longer kept.</p>
  return (
    <div className="room-start">
      <span aria-hidden="true">#</span>
      <p>This is the beginning of #{room}.</p>
      {empty && <p>Say hello, or open this page in a second window and answer yourself.</p>}
    </div>
  )
}
