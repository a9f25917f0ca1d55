import { useEffect, useRef } from 'react'
import type { PageEntry } from './pages.ts'

interface DeletePageProps {
  readonly page: PageEntry
  readonly onDelete: () => void
  readonly onCancel: () => void
}

/** Asks before a page is deleted for everybody. */
export function DeletePage({ page, onDelete, onCancel }: DeletePageProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      className="dialog"
      aria-label="Delete the page"
      onClose={onCancel}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2>
        Delete “<bdi>{page.title}</bdi>”?
      </h2>
      <p>It leaves everybody’s list. It can be restored from the deleted pages.</p>
      <div className="dialog-acts">
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button
          type="button"
          className="button danger"
          onClick={() => {
            dialog.current?.close()
            onDelete()
          }}
        >
          Delete
        </button>
      </div>
    </dialog>
  )
}
