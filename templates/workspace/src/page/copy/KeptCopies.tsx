import './KeptCopies.css'
import { useState } from 'react'
import { timeAt } from '../versions.ts'
import { deleteKept, type KeptCopy, keptCopies, readKept } from './local-copies.ts'
import { SaveCopy } from './SaveCopy.tsx'

/** Lists the copies that were set aside; renders nothing when there are none. */
export function KeptCopies({ name, title }: { readonly name: string; readonly title: string }) {
  const [copies, setCopies] = useState(() => keptCopies(name))
  const [sure, setSure] = useState<KeptCopy>()
  if (copies.length === 0) return null

  const remove = (copy: KeptCopy) => {
    if (sure !== copy) return setSure(copy)
    deleteKept(name, copy)
    setCopies(keptCopies(name))
  }
  return (
    <section className="kept-copies" aria-label="Copies kept in this browser">
      <h3>Copies kept in this browser</h3>
      <ul>
        {copies.map((copy) => (
          <li key={copy.store}>
            <p>
              <span className="version-time">{timeAt(copy.atMs, Date.now())}</span>
              <small>{copy.why}</small>
            </p>
            <SaveCopy title={`${title} (copy)`} read={() => readKept(copy)} />
            <button type="button" className="button danger" onClick={() => remove(copy)}>
              {sure === copy ? 'Yes, delete it' : 'Delete'}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
