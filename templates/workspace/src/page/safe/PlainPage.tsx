import './PlainPage.css'
import { useMemo } from 'react'
import { asText } from '../copy/as-text.ts'
import { readPage } from '../copy/read-page.ts'
import { SaveCopy } from '../copy/SaveCopy.tsx'
import type { OpenPage } from '../open-page.ts'

/** Shown instead of a page that the editor cannot render: the reason, the actions and the text. */
export function PlainPage({ page, title }: { page: OpenPage; title: string }) {
  const text = useMemo(() => asText(readPage(page.doc)), [page])
  return (
    <div className="sheet">
      <h1 className="page-title">
        <bdi>{title}</bdi>
      </h1>
      <section className="plain-page" role="alert">
        <h2>This page could not be shown</h2>
        <p>
          It contains something that the editor does not support. Nothing was changed or lost: its
          text is below, without formatting. You can save a copy or restore an earlier version from
          the history.
        </p>
        <div className="plain-acts">
          <button type="button" className="button primary" onClick={page.tryAgain}>
            Try again
          </button>
          <button type="button" className="button" onClick={() => location.reload()}>
            Reload
          </button>
          <SaveCopy title={title} read={() => Promise.resolve(readPage(page.doc))} />
        </div>
      </section>
      <article className="plain-text" aria-label="The text of the page">
        {text === '' ? 'This page has no text.' : text}
      </article>
    </div>
  )
}
