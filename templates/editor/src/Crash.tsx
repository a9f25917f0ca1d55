import './Crash.css'
import { Logo } from './Icon.tsx'

/** Shown when the app crashes: says what is safe and offers a reload. */
export function Crash() {
  return (
    <main className="crash" role="alert">
      <Logo />
      <h1>Something went wrong</h1>
      <p>
        The app in this tab has crashed. Saved changes are on the server. Changes that were not sent
        yet are kept in this browser.
      </p>
      <button type="button" className="button primary" onClick={() => location.reload()}>
        Reload
      </button>
    </main>
  )
}
