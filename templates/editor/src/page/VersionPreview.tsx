import { EditorContent, useEditor } from '@tiptap/react'
import { useEffect, useRef, useState } from 'react'
import type { Me } from '../people.ts'
import { contentExtensions } from './extensions.ts'
import { namesOf, readVersion, timeOf, type Version } from './versions.ts'

interface VersionPreviewProps {
  readonly name: string
  readonly me: Me
  readonly version: Version
  readonly isNow: boolean
  readonly onRestore: ((version: Version) => Promise<void>) | undefined
  readonly onClose: () => void
}

/** What was in the page then. */
export function VersionPreview(props: VersionPreviewProps) {
  const { name, me, version, isNow, onRestore, onClose } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const [sure, setSure] = useState(false)
  const [problem, setProblem] = useState<string>()
  const editor = useEditor({
    injectCSS: false,
    editable: false,
    editorProps: { attributes: { class: 'prose', 'aria-label': 'The page then' } },
    extensions: contentExtensions(),
  })

  useEffect(() => dialog.current?.showModal(), [])
  useEffect(() => {
    let closed = false
    readVersion(name, version.id, me)
      .then((content) => closed || editor.commands.setContent(content))
      .catch((error: Error) => closed || setProblem(error.message))
    return () => {
      closed = true
    }
  }, [editor, name, version, me])

  const restore = () => {
    if (!sure) return setSure(true)
    onRestore?.(version).catch((error: Error) => setProblem(error.message))
  }
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
      <div className="preview-sheet">
        <EditorContent editor={editor} />
      </div>
      {problem !== undefined && (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      )}
      {sure && (
        <p className="preview-sure">
          The page goes back to this for everybody. What was written since stays in the history.
        </p>
      )}
      <div className="preview-acts">
        <button type="button" className="button" onClick={onClose}>
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
