import { Icon } from '../Icon.tsx'
import type { PagesNotice } from '../use-pages.ts'

interface ToastProps {
  readonly notice: PagesNotice | undefined
  readonly onClose: () => void
}

/** Says what was done and offers Undo. It stays until it is closed: no time limit (WCAG 2.2.1). */
export function Toast({ notice, onClose }: ToastProps) {
  return (
    <div role="status" className={notice === undefined ? 'toast empty' : 'toast'}>
      {notice !== undefined && (
        <>
          <bdi>{notice.text}</bdi>
          {notice.undo !== undefined && (
            <button type="button" className="button" onClick={notice.undo}>
              Undo
            </button>
          )}
          <button type="button" className="button icon-only" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </>
      )}
    </div>
  )
}
