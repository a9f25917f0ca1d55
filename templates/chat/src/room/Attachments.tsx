import './Attachments.css'
import { useState } from 'react'
import { Icon } from '../Icon.tsx'
import type { Attachment } from './links.ts'

/** What a message links to: pictures as a preview, the rest as cards. Nothing else is fetched. */
export function Attachments({ attachments }: { attachments: readonly Attachment[] }) {
  if (attachments.length === 0) return null
  return (
    <ul className="attachments" aria-label="Attachments">
      {attachments.map((attachment) => (
        <li key={attachment.href}>
          {attachment.kind === 'image' ? (
            <ImagePreview attachment={attachment} />
          ) : (
            <LinkCard attachment={attachment} />
          )}
        </li>
      ))}
    </ul>
  )
}

function ImagePreview({ attachment }: { attachment: Attachment }) {
  const [failed, setFailed] = useState(false)
  if (failed) return <LinkCard attachment={attachment} />
  const { href, host, title } = attachment
  return (
    <a
      className="image-preview"
      href={href}
      title={`${title} (${host})`}
      target="_blank"
      rel="noopener noreferrer"
    >
      <img
        src={href}
        alt={`${title} from ${host}`}
        loading="lazy"
        decoding="async"
        referrerPolicy="no-referrer"
        onError={() => setFailed(true)}
      />
    </a>
  )
}

function LinkCard({ attachment: { href, host, title, kind } }: { attachment: Attachment }) {
  return (
    <a className="link-card" href={href} target="_blank" rel="noopener noreferrer">
      <Icon name={kind === 'image' ? 'picture' : 'link'} />
      <span>
        <strong>{host}</strong>
        {title !== '' && <small>{title}</small>}
      </span>
    </a>
  )
}
