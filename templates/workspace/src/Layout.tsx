import './Layout.css'
import { useState } from 'react'
import { ChatPane } from './ChatPane.tsx'
import { Icon } from './Icon.tsx'
import { Page } from './page/Page.tsx'
import { SkipLink } from './SkipLink.tsx'
import type { Session } from './session.ts'
import { Sidebar } from './sidebar/Sidebar.tsx'
import { useDocumentTitle } from './use-document-title.ts'
import { useDrawer } from './use-drawer.ts'
import { useNews } from './use-news.ts'
import { usePageName } from './use-page-name.ts'
import { usePages } from './use-pages.ts'

interface LayoutProps {
  readonly session: Session
  readonly onName: (name: string) => void
}

/** The pages at the side, the open one, and the chat about it. Where there is no room for both, one of them. */
export function Layout({ session, onName }: LayoutProps) {
  const page = usePageName()
  const pages = usePages(session, page)
  useDocumentTitle(`${pages.current.title} – Workspace`)
  const drawer = useDrawer()
  const [shown, setShown] = useState<'page' | 'chat'>('page')
  const chat = session.chat(page)
  const news = useNews(chat, session.me, shown === 'chat')
  return (
    <div className={`layout shows-${shown}`}>
      <SkipLink to="main .prose">Skip to the page</SkipLink>
      <Sidebar
        session={session}
        pages={pages}
        open={drawer.open}
        onClose={drawer.hide}
        onName={onName}
      />
      <Page key={page} name={page} session={session} pages={pages} onMenu={drawer.show} />
      <ChatPane key={`chat ${page}`} name={page} title={pages.current.title} session={session} />
      <nav className="switch" aria-label="Page or chat">
        <button type="button" aria-pressed={shown === 'page'} onClick={() => setShown('page')}>
          <Icon name="page" />
          Page
        </button>
        <button type="button" aria-pressed={shown === 'chat'} onClick={() => setShown('chat')}>
          <Icon name="chat" />
          Chat
          {news && <span className="news" role="img" aria-label="New messages" />}
        </button>
      </nav>
    </div>
  )
}
