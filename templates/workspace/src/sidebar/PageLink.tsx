import { Icon } from '../Icon.tsx'
import { titleOf } from '../pages.ts'

interface PageLinkProps {
  readonly name: string
  readonly current: boolean
  readonly onOpen: () => void
}

export function PageLink({ name, current, onOpen }: PageLinkProps) {
  return (
    <li>
      <a
        className="page-link"
        href={`#${name}`}
        aria-current={current ? 'page' : undefined}
        onClick={onOpen}
      >
        <Icon name="page" />
        <span className="page-name">{titleOf(name)}</span>
      </a>
    </li>
  )
}
