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
          Pages that several people write at once, offline too, and nothing is lost. Choose the name
          that others see at your cursor.
        </p>
        <NameForm focused initial={suggestion} action="Open the pages" onName={onName} />
      </div>
    </main>
  )
}
