import { useRef, useState } from 'react'
import { Icon } from '../Icon.tsx'
import { timeAt } from '../page/versions.ts'
import type { DeletedPage } from '../pages.ts'
import type { Pages } from '../use-pages.ts'

interface DeletedPagesProps {
  readonly pages: Pick<Pages, 'deleted' | 'restore' | 'purge'>
  readonly onOpen: () => void
}

/** The pages that can be restored; renders nothing where there are none. */
export function DeletedPages({ pages, onOpen }: DeletedPagesProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const { deleted } = pages
  return (
    <>
      {deleted.length > 0 && (
        <button type="button" className="deleted-pages" onClick={() => dialog.current?.showModal()}>
          <Icon name="bin" />
          Deleted pages <span className="count">{deleted.length}</span>
        </button>
      )}
      <dialog
        ref={dialog}
        className="dialog deleted-dialog"
        aria-label="Deleted pages"
        onKeyDown={(event) => event.stopPropagation()}
      >
        <h2>Deleted pages</h2>
        {deleted.length === 0 && <p>There are none any more.</p>}
        <ul>
          {deleted.map((page) => (
            <DeletedRow
              key={page.id}
              page={page}
              pages={pages}
              onOpen={() => {
                dialog.current?.close()
                onOpen()
              }}
            />
          ))}
        </ul>
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </dialog>
    </>
  )
}

interface DeletedRowProps extends DeletedPagesProps {
  readonly page: DeletedPage
}

function DeletedRow({ page, pages, onOpen }: DeletedRowProps) {
  const [sure, setSure] = useState(false)
  const [problem, setProblem] = useState<string>()
  const purge = () => {
    if (!sure) return setSure(true)
    pages.purge(page).catch((error: Error) => setProblem(error.message))
  }
  return (
    <li>
      <p>
        <a href={`#${page.id}`} onClick={onOpen}>
          <bdi>{page.title}</bdi>
        </a>
        <small>{whenDeleted(page)}</small>
        {problem !== undefined && <small role="alert">{problem}</small>}
      </p>
      <button type="button" className="button" onClick={() => pages.restore(page)}>
        Restore
      </button>
      <button type="button" className="button danger" onClick={purge}>
        {sure ? 'Yes, delete for good' : 'Delete for good'}
      </button>
    </li>
  )
}

/** Who deleted a page, and when. While that is on its way, nothing. */
function whenDeleted({ deletedBy, deletedAt }: DeletedPage): string {
  if (deletedAt === Number.MAX_SAFE_INTEGER) return ''
  return `${deletedBy ?? 'Someone'}, ${timeAt(deletedAt, Date.now())}`
}
