import './Sidebar.css'
import { Icon, Logo } from '../Icon.tsx'
import { listPages } from '../pages.ts'
import type { Session } from '../session.ts'
import { useChannel } from '../use-channel.ts'
import { CurrentUser } from './CurrentUser.tsx'
import { NewPage } from './NewPage.tsx'
import { PageLink } from './PageLink.tsx'
import { People } from './People.tsx'

interface SidebarProps {
  readonly session: Pick<Session, 'me' | 'pages'>
  readonly current: string
  /** On a phone: whether the drawer is open. */
  readonly open: boolean
  readonly onClose: () => void
  readonly onName: (name: string) => void
}

export function Sidebar({ session, current, open, onClose, onName }: SidebarProps) {
  const { latest, presence } = useChannel(session.pages)
  const names = listPages(latest)
  return (
    <>
      {open && <div className="scrim" onClick={onClose} aria-hidden="true" />}
      <aside
        id="sidebar"
        className={open ? 'sidebar open' : 'sidebar'}
        aria-label="Pages and people"
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose()
        }}
      >
        <header className="sidebar-head">
          <Logo />
          <strong>Pages</strong>
          <button
            type="button"
            className="button icon-only drawer-only"
            aria-label="Close"
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </header>
        <nav aria-label="Pages">
          <ul className="pages">
            {(names.includes(current) ? names : [...names, current]).map((name) => (
              <PageLink key={name} name={name} current={name === current} onOpen={onClose} />
            ))}
          </ul>
          <NewPage pages={session.pages} onOpen={onClose} />
        </nav>
        <People presence={presence} me={session.me} />
        <CurrentUser me={session.me} onName={onName} />
      </aside>
    </>
  )
}
