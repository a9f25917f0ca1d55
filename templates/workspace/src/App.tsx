import { useEffect, useState } from 'react'
import { Layout } from './Layout.tsx'
import { loadMe, saveMe } from './people.ts'
import { closeSession, openSession, type Session } from './session.ts'
import { Welcome } from './Welcome.tsx'

/** Asks a new guest for a name, then opens the pages under it. */
export function App() {
  const [me, setMe] = useState(loadMe)
  const [session, setSession] = useState<Session>()

  useEffect(() => {
    if (me === undefined) return
    const opened = openSession(me)
    setSession(opened)
    return () => closeSession(opened)
  }, [me])

  const enter = (name: string) => setMe(saveMe(name))
  if (me === undefined) return <Welcome onName={enter} />
  if (session === undefined) return null
  return <Layout session={session} onName={enter} />
}
