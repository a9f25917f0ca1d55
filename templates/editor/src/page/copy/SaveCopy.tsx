import './SaveCopy.css'
import { useEffect, useRef, useState } from 'react'
import { download, type Format, formats } from './formats.ts'
import type { PageNode } from './read-page.ts'

interface SaveCopyProps {
  /** The page's title, which is the name of the file too. */
  readonly title: string
  readonly read: () => Promise<PageNode>
  readonly label?: string
  readonly primary?: boolean
}

/** A button that saves a page as a file. */
export function SaveCopy({ title, read, label = 'Save a copy', primary = false }: SaveCopyProps) {
  const [asking, setAsking] = useState(false)
  return (
    <>
      <button
        type="button"
        className={primary ? 'button primary' : 'button'}
        onClick={() => setAsking(true)}
      >
        {label}
      </button>
      {asking && <Formats title={title} read={read} onClose={() => setAsking(false)} />}
    </>
  )
}

interface FormatsProps extends Pick<SaveCopyProps, 'title' | 'read'> {
  readonly onClose: () => void
}

function Formats({ title, read, onClose }: FormatsProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [problem, setProblem] = useState<string>()
  useEffect(() => dialog.current?.showModal(), [])

  const save = (format: Format) => {
    read().then(
      (page) => {
        download(title, page, format)
        onClose()
      },
      () => setProblem('The copy could not be read in this browser.'),
    )
  }
  return (
    <dialog ref={dialog} className="dialog" aria-label="Save a copy" onClose={onClose}>
      <h2>Save a copy</h2>
      <ul className="formats">
        {formats.map((format) => (
          <li key={format.ending}>
            <button type="button" className="format" onClick={() => save(format)}>
              <span>
                {format.label} <small>.{format.ending}</small>
              </span>
              <small>{format.hint}</small>
            </button>
          </li>
        ))}
      </ul>
      {problem !== undefined && (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      )}
      <button type="button" className="button" onClick={onClose}>
        Cancel
      </button>
    </dialog>
  )
}
