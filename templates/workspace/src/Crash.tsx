import './Crash.css'
import { Logo } from './Icon.tsx'

/** In place of a program that went wrong: what is safe, and the way back. */
export function Crash() {
  return (
    <main className="crash" role="alert">
      <Logo />
      <h1>Something went wrong here</h1>
      <p>
        The program in this tab stopped. What was shown as saved is on the server, and what was not
        yet sent is kept in this browser.
      </p>
      <button type="button" className="button primary" onClick={() => location.reload()}>
        Reload
      </button>
    </main>
  )
}
