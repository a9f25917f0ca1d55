import './Sidebar.css'
import { useRef, useState } from 'react'
import { Icon, Logo } from '../Icon.tsx'
import { searchPages } from '../pages.ts'
import type { Session } from '../session.ts'
import type { Pages } from '../use-pages.ts'
import { CurrentUser } from './CurrentUser.tsx'
import { DeletedPages } from './DeletedPages.tsx'
import { ListProblem } from './ListProblem.tsx'
import { PageLink } from './PageLink.tsx'
import { People } from './People.tsx'
import { Search } from './Search.tsx'
import { Toast } from './Toast.tsx'

interface SidebarProps {
  readonly session: Pick<Session, 'me' | 'client' | 'pages'>
  readonly pages: Pages
  /** On a phone: whether the drawer is open. */
  readonly open: boolean
  readonly onClose: () => void
  readonly onName: (name: string) => void
}

export function Sidebar({ session, pages, open, onClose, onName }: SidebarProps) {
  const [search, setSearch] = useState('')
  const list = useRef<HTMLUListElement>(null)
  const { current, currentDeleted } = pages
  // Where one may not list it, the open page is listed here only.
  const isMissing = !pages.pages.some(({ id }) => id === current.id) && !currentDeleted
  const all = isMissing ? [...pages.pages, current] : pages.pages
  const found = searchPages(all, search)

  const opened = () => {
    setSearch('')
    onClose()
  }
  return (
    <>
      {open && <div className="scrim" onClick={onClose} aria-hidden="true" />}
      <aside
        id="sidebar"
        className={open ? 'sidebar open' : 'sidebar'}
        aria-label="Pages and people"
      >
        <header className="sidebar-head">
          <Logo />
          <strong>Pages</strong>
          <button
            type="button"
            className="button icon-only"
            aria-label="New page"
            title="New page"
            onClick={(event) => {
              // Typing on, before the title has the focus, must not make more pages.
              event.currentTarget.blur()
              pages.create()
              opened()
            }}
          >
            <Icon name="plus" />
          </button>
          <button
            type="button"
            className="button icon-only drawer-only"
            aria-label="Close"
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </header>
        <ListProblem channel={session.pages} />
        <Search
          value={search}
          count={found.length}
          list={list}
          onChange={setSearch}
          onEnter={() => {
            const [first] = found
            if (first === undefined) return
            location.hash = first.id
            // Another page takes the focus itself.
            if (first.id === current.id) document.querySelector<HTMLElement>('main .prose')?.focus()
            opened()
          }}
        />
        <nav aria-label="Pages">
          <ul ref={list} className="pages">
            {found.map((page) => (
              <PageLink
                key={page.id}
                page={page}
                current={page.id === current.id}
                pages={pages}
                onOpen={opened}
              />
            ))}
          </ul>
          {found.length === 0 && (
            <p className="no-pages">
              {search.trim() === '' ? (
                'There are no pages.'
              ) : (
                <>
                  No page is called “<bdi>{search.trim()}</bdi>”.
                </>
              )}
            </p>
          )}
        </nav>
        <DeletedPages pages={pages} onOpen={opened} />
        <People client={session.client} channel={session.pages} me={session.me} />
        <CurrentUser me={session.me} onName={onName} />
      </aside>
      <Toast notice={pages.notice} onClose={pages.dismissNotice} />
    </>
  )
}
