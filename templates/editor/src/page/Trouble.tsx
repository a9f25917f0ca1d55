import './Trouble.css'
import { isEmptyPage, readPage } from './copy/read-page.ts'
import { SaveCopy } from './copy/SaveCopy.tsx'
import type { OpenPage } from './open-page.ts'
import type { Refusal } from './refusals.ts'

interface TroubleProps {
  readonly page: OpenPage
  readonly refusal: Refusal
  /** Whether what is written here is refused whatever happens. */
  readonly isFinal: boolean
  /** Opens the page as the server has it. */
  readonly onReopen: () => void
}

/** Says that the server does not take what is written here, and what can be done now. */
export function Trouble({ page, refusal, isFinal, onReopen }: TroubleProps) {
  const { title, message, mayReopen } = refusal
  const hasContent = !isEmptyPage(readPage(page.doc))
  const reopen = () => {
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
            ? 'Below is the copy in this browser, with what you wrote. It is kept here and can no longer be changed.'
            : 'What you write meanwhile is kept in this browser.'}
        </p>
      )}
      <div className="trouble-acts">
        {hasContent && (
          <SaveCopy
            name={page.name}
            read={() => Promise.resolve(readPage(page.doc))}
            primary={true}
          />
        )}
        {mayReopen && (
          <button type="button" className="button" onClick={reopen}>
            Open the saved version
          </button>
        )}
        <button type="button" className="button" onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    </section>
  )
}
