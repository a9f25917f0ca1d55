import './Welcome.css'
import { useState } from 'react'
import { Logo } from './Icon.tsx'
import { NameForm } from './NameForm.tsx'
import { suggestName } from './people.ts'

/** The first visit. */
export function Welcome({ onName }: { onName: (name: string) => void }) {
  const [suggestion] = useState(suggestName)
  return (
    <main className="welcome">
      <div className="welcome-card">
        <Logo />
        <h1>Come in and say hello</h1>
        <p>
          Rooms, history and who is here, live. Choose the name that others see; you can change it
          whenever you like.
        </p>
        <NameForm focused initial={suggestion} action="Enter the chat" onName={onName} />
      </div>
    </main>
  )
}
