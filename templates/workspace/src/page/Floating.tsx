import type { Editor } from '@tiptap/react'
import { type ReactNode, useLayoutEffect, useRef } from 'react'

/** Room between what floats and the edge of the page, in pixels. */
const edge = 8

interface FloatingProps {
  readonly editor: Editor
  /** Where it belongs, in the coordinates of the window. */
  readonly anchor: () => DOMRect | undefined
  readonly side: 'above' | 'below'
  readonly children: ReactNode
}

/** Floats over the text at a position and follows it through changes, without layout shift. */
export function Floating({ editor, anchor, side, children }: FloatingProps) {
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const put = () => {
      const at = anchor()
      if (box.current !== null && at !== undefined) place(box.current, at, side)
    }
    put()
    const sheet = box.current?.closest('.sheet')
    editor.on('transaction', put)
    addEventListener('resize', put)
    sheet?.addEventListener('scroll', put)
    return () => {
      editor.off('transaction', put)
      removeEventListener('resize', put)
      sheet?.removeEventListener('scroll', put)
    }
  })
  return (
    <div ref={box} className="floating">
      {children}
    </div>
  )
}

function place(box: HTMLElement, at: DOMRect, side: FloatingProps['side']): void {
  const paper = box.offsetParent
  const sheet = box.closest('.sheet')
  if (paper === null || sheet === null) return
  const origin = paper.getBoundingClientRect()
  const left = Math.min(at.left - origin.left, origin.width - box.offsetWidth - edge)
  const wanted = side === 'above' ? at.top - box.offsetHeight - 4 : at.bottom + 4
  // Tools of something tall stay in sight while it is scrolled past.
  const lowest = Math.max(wanted, at.bottom - box.offsetHeight)
  const seen = Math.max(wanted, Math.min(sheet.getBoundingClientRect().top + edge, lowest))
  box.style.setProperty('left', `${Math.max(edge, left)}px`)
  box.style.setProperty('top', `${seen - origin.top}px`)
}
