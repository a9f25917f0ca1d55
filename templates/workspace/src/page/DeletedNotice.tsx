import { useEffect, useRef } from 'react'
import type { DeletedPage } from '../pages.ts'

interface DeletedNoticeProps {
  readonly page: DeletedPage
  /** The id of the page to go on to. */
  readonly next: string
  readonly onRestore: () => void
}

/** Tells readers that the open page was deleted. Its text stays readable. */
export function DeletedNotice({ page, next, onRestore }: DeletedNoticeProps) {
  const restore = useRef<HTMLButtonElement>(null)
  // Who was writing cannot go on, and finds the ways out under the fingers.
  useEffect(() => restore.current?.focus(), [])
  return (
    <section className="trouble" role="alert">
      <h2>
        <bdi>{page.deletedBy ?? 'Someone'}</bdi> deleted this page
      </h2>
      <p>
        It is in nobody’s list any more. What was written in it is kept until it is deleted for
        good.
      </p>
      <div className="trouble-acts">
        <button ref={restore} type="button" className="button primary" onClick={onRestore}>
          Restore the page
        </button>
        <a className="button" href={`#${next}`}>
          Go to another page
        </a>
      </div>
    </section>
  )
}
