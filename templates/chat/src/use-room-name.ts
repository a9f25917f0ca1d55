import { useEffect, useSyncExternalStore } from 'react'
import { roomOfHash } from './rooms.ts'

/** The room in the address, so that a room can be linked to and the back button works. */
export function useRoomName(): string {
  const room = useSyncExternalStore(subscribeHash, () => roomOfHash(location.hash))
  useEffect(() => {
    document.title = `#${room} – Chat`
  }, [room])
  return room
}

function subscribeHash(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}
