import { useEffect, useId, useMemo, useRef, useState } from 'react'
import type { Me } from '../people.ts'
import { comparePages, countChanges } from './compare/compare-pages.ts'
import { PageContent } from './compare/PageContent.tsx'
import type { PageNode } from './copy/read-page.ts'
import { namesOf, readVersion, timeOf, type Version } from './versions.ts'

interface VersionPreviewProps {
  readonly name: string
  readonly me: Me
  readonly version: Version
  /** The version before it; undefined for the first. */
  readonly before: Version | undefined
  readonly isNow: boolean
  readonly onRestore: ((version: Version) => Promise<void>) | undefined
  readonly onClose: () => void
}

/** What was in the page then, and what had changed. */
export function VersionPreview(props: VersionPreviewProps) {
  const { version, isNow, onRestore, onClose } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const [sure, setSure] = useState(false)
  const [problem, setProblem] = useState<string>()
  const { content, failure } = useVersions(props)

  useEffect(() => dialog.current?.showModal(), [])

  const restore = () => {
    if (!sure) return setSure(true)
    onRestore?.(version).catch((error: Error) => setProblem(error.message))
  }
  const told = problem ?? failure
  return (
    <dialog
      ref={dialog}
      className="dialog preview"
      aria-label="An earlier version"
      onClose={onClose}
      // The history stays open when this closes.
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2>
        {isNow ? 'The page now' : timeOf(version, Date.now())}
        <small>{namesOf(version)}</small>
      </h2>
      {content !== undefined && <Compared {...content} />}
      {told !== undefined && (
        <p className="form-problem" role="alert">
          {told}
        </p>
      )}
      {sure && (
        <p className="preview-sure">
          The page goes back to this for everybody. What was written since stays in the history.
        </p>
      )}
      <div className="preview-acts">
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
        {!isNow && onRestore !== undefined && (
          <button type="button" className="button primary" onClick={restore}>
            {sure ? 'Yes, restore it' : 'Restore this version'}
          </button>
        )}
      </div>
    </dialog>
  )
}

interface Content {
  readonly then: PageNode
  readonly before: PageNode
}

function useVersions({ name, me, version, before }: VersionPreviewProps) {
  const [content, setContent] = useState<Content>()
  const [failure, setFailure] = useState<string>()
  useEffect(() => {
    let closed = false
    const nothing = { type: 'doc' }
    Promise.all([
      readVersion(name, version.id, me),
      before === undefined ? nothing : readVersion(name, before.id, me),
    ])
      .then(([then, earlier]) => closed || setContent({ then, before: earlier }))
      .catch((error: Error) => closed || setFailure(error.message))
    return () => {
      closed = true
    }
  }, [name, version, before, me])
  return { content, failure }
}

/** A version, with what was added and removed in it where that is wanted. */
function Compared({ then, before }: Content) {
  const [changes, setChanges] = useState(true)
  const id = useId()
  const compared = useMemo(() => comparePages(before, then), [before, then])
  return (
    <>
      <div className="preview-bar">
        <label htmlFor={id}>
          <input
            id={id}
            type="checkbox"
            checked={changes}
            onChange={(event) => setChanges(event.target.checked)}
          />
          Show what changed
        </label>
        {changes && <span role="status">{wordsOf(countChanges(compared))}</span>}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard. */}
      <section className="preview-sheet" aria-label="The page then" tabIndex={0}>
        <PageContent page={changes ? compared : then} />
      </section>
    </>
  )
}

function wordsOf({ added, removed }: { added: number; removed: number }): string {
  if (added + removed === 0) return 'No words were changed'
  return [added > 0 && `${added} added`, removed > 0 && `${removed} removed`]
    .filter((part) => part !== false)
    .join(', ')
}
