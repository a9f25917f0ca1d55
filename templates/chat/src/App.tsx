import { useEffect, useState } from 'react'
import { Chat } from './Chat.tsx'
import { loadMe, saveMe } from './people.ts'
import { openSession, type Session } from './session.ts'
import { Welcome } from './Welcome.tsx'

/** Asks a new guest for a name, then opens the chat under it. */
export function App() {
  const [me, setMe] = useState(loadMe)
  const [session, setSession] = useState<Session>()

  useEffect(() => {
    if (me === undefined) return
    const opened = openSession(me)
    setSession(opened)
    return () => opened.client.close()
  }, [me])

  const enter = (name: string) => setMe(saveMe(name))
  if (me === undefined) return <Welcome onName={enter} />
  if (session === undefined) return null
  return <Chat session={session} onName={enter} />
}
