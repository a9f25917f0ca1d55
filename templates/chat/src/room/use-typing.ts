import { useCallback, useEffect, useRef, useState } from 'react'
import type { Channel, Json, User } from 'rusher/client'
import type { ChatBody } from './chat-body.ts'

/** Someone who types says so this often. */
const sayMs = 2_000
/** Someone who has not said so for this long has stopped. */
const believeMs = 4_000

type Typing = ReadonlyMap<string, { readonly user: User; readonly until: number }>

/** Who else is typing now. */
export function useTyping(channel: Channel<ChatBody>, myId: string): readonly User[] {
  const [typing, setTyping] = useState<Typing>(new Map())
  useEffect(() => {
    setTyping(new Map())
    const offSignal = channel.on('signal', ({ user, body }) => {
      if (user.id !== myId)
        setTyping((now) => (isTyping(body) ? add(now, user) : remove(now, user)))
    })
    const offEvent = channel.on('event', (event) => {
      if ('body' in event && event.body.kind !== 'react') {
        setTyping((now) => remove(now, event.user))
      }
    })
    const timer = setInterval(() => setTyping(expire), 500)
    return () => {
      offSignal()
      offEvent()
      clearInterval(timer)
    }
  }, [channel, myId])
  return Array.from(typing.values(), ({ user }) => user)
}

/** Tells the others while one types. `say(false)` ends it. */
export function useSayTyping(channel: Channel<ChatBody>): (on: boolean) => void {
  const said = useRef(0)
  return useCallback(
    (on) => {
      const now = Date.now()
      if (on ? now - said.current < sayMs : said.current === 0) return
      said.current = on ? now : 0
      channel.signal({ kind: 'typing', on })
    },
    [channel],
  )
}

function isTyping(body: Json): boolean {
  return (body as Extract<ChatBody, { kind: 'typing' }>).on === true
}

function add(typing: Typing, user: User): Typing {
  return new Map(typing).set(user.id, { user, until: Date.now() + believeMs })
}

function remove(typing: Typing, { id }: User): Typing {
  if (!typing.has(id)) return typing
  return new Map([...typing].filter(([other]) => other !== id))
}

function expire(typing: Typing): Typing {
  const left = [...typing].filter(([, { until }]) => until > Date.now())
  return left.length === typing.size ? typing : new Map(left)
}
