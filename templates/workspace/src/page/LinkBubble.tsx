import { type Editor, getMarkRange } from '@tiptap/core'
import { useEditorState } from '@tiptap/react'
import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { Icon } from '../Icon.tsx'
import { isWebAddress, toWebAddress } from './addresses.ts'
import { Floating } from './Floating.tsx'
import { Tool } from './Tool.tsx'

interface LinkBubbleProps {
  readonly editor: Editor
  /** Whether an address is being asked for. */
  readonly isLinking: boolean
  readonly onLinking: (isLinking: boolean) => void
}

/** At the link that the cursor is in: where it leads, and what can be done with it. */
export function LinkBubble({ editor, isLinking, onLinking }: LinkBubbleProps) {
  const link = useEditorState({ editor, selector: ({ editor: now }) => linkAt(now) })
  const bubble = useRef<HTMLElement>(null)
  const isFocused = useFocusWithin(editor, bubble)
  const stop = () => {
    onLinking(false)
    editor.view.focus()
  }
  if (!isLinking && (link === undefined || !isFocused)) return null
  const at = link?.from ?? editor.state.selection.from
  return (
    <Floating editor={editor} anchor={() => rectAt(editor, at)} side="below">
      <section
        ref={bubble}
        aria-label="Link"
        onKeyDown={(event) => {
          if (event.key === 'Escape') stop()
        }}
      >
        {isLinking ? (
          <LinkForm
            initial={link?.href ?? ''}
            onCancel={stop}
            onAddress={(href) => {
              linkTo(editor, href)
              stop()
            }}
          />
        ) : (
          link !== undefined && (
            <LinkTools editor={editor} href={link.href} onEdit={() => onLinking(true)} />
          )
        )}
      </section>
    </Floating>
  )
}

interface LinkToolsProps {
  readonly editor: Editor
  readonly href: string
  readonly onEdit: () => void
}

function LinkTools({ editor, href, onEdit }: LinkToolsProps) {
  const [copied, setCopied] = useState(false)
  const copy = () => navigator.clipboard?.writeText(href).then(() => setCopied(true))
  const remove = () => editor.chain().focus().extendMarkRange('link').unsetLink().run()
  return (
    <div className="link-bubble">
      <a href={isWebAddress(href) ? href : undefined} target="_blank" rel="noopener noreferrer">
        {href}
      </a>
      {/* Over plain http, browsers have no clipboard. */}
      {navigator.clipboard !== undefined && (
        <Tool
          icon={copied ? 'check' : 'copy'}
          label={copied ? 'Copied' : 'Copy the address'}
          onUse={() => void copy()}
        />
      )}
      <Tool icon="pencil" label="Edit the link" keys="Ctrl+K" onUse={onEdit} />
      <Tool icon="unlink" label="Remove the link" onUse={remove} />
    </div>
  )
}

interface LinkFormProps {
  readonly initial: string
  readonly onAddress: (address: string) => void
  readonly onCancel: () => void
}

function LinkForm({ initial, onAddress, onCancel }: LinkFormProps) {
  const input = useRef<HTMLInputElement>(null)
  const [refused, setRefused] = useState(false)
  const id = useId()
  useEffect(() => {
    input.current?.focus({ preventScroll: true })
    input.current?.select()
  }, [])

  const apply = (event: FormEvent) => {
    event.preventDefault()
    const address = toWebAddress(input.current?.value ?? '')
    if (address === undefined) setRefused(true)
    else onAddress(address)
  }
  return (
    <form className="link-form" onSubmit={apply}>
      <input
        ref={input}
        aria-label="The address it leads to"
        aria-describedby={id}
        aria-invalid={refused}
        inputMode="url"
        autoComplete="off"
        placeholder="https://"
        defaultValue={initial}
        onChange={() => setRefused(false)}
      />
      <button type="submit" className="button primary">
        Apply
      </button>
      <button type="button" className="button icon-only" aria-label="Cancel" onClick={onCancel}>
        <Icon name="close" />
      </button>
      <p id={id} className="form-problem" role="status">
        {refused && 'That is no address of the web. Use https://… or a mail address.'}
      </p>
    </form>
  )
}

interface LinkPlace {
  readonly href: string
  readonly from: number
}

/** The link that the cursor is in, or that holds all of the selection. */
function linkAt({ state }: Editor): LinkPlace | undefined {
  const { link } = state.schema.marks
  const { $from, to } = state.selection
  const range = link === undefined ? undefined : getMarkRange($from, link)
  if (range === undefined || to > range.to) return undefined
  const mark = link?.isInSet(state.doc.nodeAt(range.from)?.marks ?? [])
  return { href: String(mark?.attrs['href'] ?? ''), from: range.from }
}

function rectAt({ view, state }: Editor, position: number): DOMRect {
  const { left, top, bottom } = view.coordsAtPos(Math.min(position, state.doc.content.size))
  return new DOMRect(left, top, 0, bottom - top)
}

/** Links what is selected, or puts the address where nothing is. */
function linkTo(editor: Editor, href: string): void {
  if (editor.state.selection.empty && linkAt(editor) === undefined) {
    const marks = [{ type: 'link', attrs: { href } }]
    editor.chain().focus().insertContent({ type: 'text', text: href, marks }).run()
  } else editor.chain().focus().extendMarkRange('link').setLink({ href }).run()
}

/** Whether the focus is in the text or in what floats at it. */
function useFocusWithin(editor: Editor, box: { readonly current: HTMLElement | null }): boolean {
  const [isWithin, setWithin] = useState(editor.isFocused)
  useEffect(() => {
    const enter = () => setWithin(true)
    const leave = ({ event }: { event: FocusEvent }) => {
      const { relatedTarget } = event
      setWithin(relatedTarget instanceof Node && box.current?.contains(relatedTarget) === true)
    }
    editor.on('focus', enter)
    editor.on('blur', leave)
    return () => {
      editor.off('focus', enter)
      editor.off('blur', leave)
    }
  }, [editor, box])
  return isWithin
}
