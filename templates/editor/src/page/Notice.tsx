import { Icon } from '../Icon.tsx'

interface NoticeProps {
  readonly text: string
  readonly onClose: () => void
}

/** Something the server had to say. */
export function Notice({ text, onClose }: NoticeProps) {
  return (
    <div className="page-banner notice" role="status">
      <span>{text}</span>
      <button type="button" className="button icon-only" aria-label="Close" onClick={onClose}>
        <Icon name="close" />
      </button>
    </div>
  )
}
