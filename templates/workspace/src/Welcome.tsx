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
        <h1>Write together</h1>
        <p>
          Pages that several people write at once, with a chat beside each of them. Choose the name
          that others see at your cursor.
        </p>
        <NameForm focused initial={suggestion} action="Open the workspace" onName={onName} />
      </div>
    </main>
  )
}
