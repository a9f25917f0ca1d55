import './PlainPage.css'
import { useMemo } from 'react'
import { asText } from '../copy/as-text.ts'
import { readPage } from '../copy/read-page.ts'
import { SaveCopy } from '../copy/SaveCopy.tsx'
import type { OpenPage } from '../open-page.ts'

/** A page that the editor cannot show: its text, why, and what can be done. */
export function PlainPage({ page }: { page: OpenPage }) {
  const text = useMemo(() => asText(readPage(page.doc)), [page])
  return (
    <div className="sheet">
      <section className="plain-page" role="alert">
        <h2>This page could not be shown</h2>
        <p>
          Something in it is not what the editor expects. Nothing was changed or lost: below is its
          text, without styles. You can save a copy, or bring back an earlier version from the
          history.
        </p>
        <div className="plain-acts">
          <button type="button" className="button primary" onClick={page.tryAgain}>
            Try again
          </button>
          <button type="button" className="button" onClick={() => location.reload()}>
            Reload
          </button>
          <SaveCopy name={page.name} read={() => Promise.resolve(readPage(page.doc))} />
        </div>
      </section>
      <article className="plain-text" aria-label="The text of the page">
        {text === '' ? 'There is no text in it.' : text}
      </article>
    </div>
  )
}
