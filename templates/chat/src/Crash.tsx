import './Crash.css'
import { Logo } from './Icon.tsx'

/** Shown when the app crashes: says what is safe and offers a reload. */
export function Crash() {
  return (
    <main className="crash" role="alert">
      <Logo />
      <h1>Something went wrong</h1>
      <p>The app in this tab has crashed. Messages shown as sent are on the server.</p>
      <button type="button" className="button primary" onClick={() => location.reload()}>
        Reload
      </button>
    </main>
  )
}
