import { useEffect, useState } from 'react'
import type { User } from 'rusher/client'
import type { Awareness } from 'y-protocols/awareness'

/** Who has the page open, each person once, oneself left out. */
export function usePeopleHere(awareness: Awareness, myId: string): readonly User[] {
  const [people, setPeople] = useState<readonly User[]>([])
  useEffect(() => {
    const look = () => setPeople(peopleOf(awareness, myId))
    look()
    awareness.on('change', look)
    return () => awareness.off('change', look)
  }, [awareness, myId])
  return people
}

function peopleOf(awareness: Awareness, myId: string): readonly User[] {
  const people = new Map<string, User>()
  for (const [client, { user }] of awareness.getStates()) {
    const { id, name } = (user ?? {}) as { readonly id?: unknown; readonly name?: unknown }
    const key = typeof id === 'string' ? id : `client ${client}`
    if (key === myId || client === awareness.clientID) continue
    people.set(key, { id: key, name: typeof name === 'string' ? name : 'Someone' })
  }
  return [...people.values()]
}
