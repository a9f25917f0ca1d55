import './Trouble.css'
import { isEmptyPage, readPage } from './copy/read-page.ts'
import { SaveCopy } from './copy/SaveCopy.tsx'
import type { OpenPage } from './open-page.ts'
import type { Refusal } from './refusals.ts'

interface TroubleProps {
  readonly page: OpenPage
  readonly title: string
  readonly refusal: Refusal
  /** Whether all later changes will be rejected too. */
  readonly isFinal: boolean
  /** Opens the server's version of the page. */
  readonly onReopen: () => void
}

/** Explains why changes are not saved and offers the available actions. */
export function Trouble({ page, title: pageTitle, refusal, isFinal, onReopen }: TroubleProps) {
  const { title, message, reopen, mayReload } = refusal
  const hasContent = !isEmptyPage(readPage(page.doc))
  const openAnew = () => {
    page.putAside()
    onReopen()
  }
  return (
    <section className="trouble" role="alert">
      <h2>{title}</h2>
      <p>{message}</p>
      {hasContent && (
        <p>
          {isFinal
            ? 'Below is the copy in this browser, with your changes. It stays here and can no longer be edited.'
            : 'Until then, your changes are kept in this browser.'}
          {isFinal && reopen !== undefined && ' Later you find it in the history.'}
        </p>
      )}
      <div className="trouble-acts">
        {hasContent && (
          <SaveCopy
            title={pageTitle}
            read={() => Promise.resolve(readPage(page.doc))}
            primary={true}
          />
        )}
        {reopen !== undefined && (
          <button type="button" className="button" onClick={openAnew}>
            {reopen}
          </button>
        )}
        {mayReload && (
          <button type="button" className="button" onClick={() => location.reload()}>
            Reload
          </button>
        )}
      </div>
    </section>
  )
}
