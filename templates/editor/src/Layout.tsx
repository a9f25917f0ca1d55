import './Layout.css'
import { Page } from './page/Page.tsx'
import { SkipLink } from './SkipLink.tsx'
import type { Session } from './session.ts'
import { Sidebar } from './sidebar/Sidebar.tsx'
import { useDocumentTitle } from './use-document-title.ts'
import { useDrawer } from './use-drawer.ts'
import { usePageName } from './use-page-name.ts'
import { usePages } from './use-pages.ts'

interface LayoutProps {
  readonly session: Session
  readonly onName: (name: string) => void
}

/** The pages at the side, and the open one. On a phone the side is a drawer. */
export function Layout({ session, onName }: LayoutProps) {
  const page = usePageName()
  const pages = usePages(session, page)
  useDocumentTitle(`${pages.current.title} – Pages`)
  const drawer = useDrawer()
  return (
    <div className="layout">
      <SkipLink to="main .prose">Skip to the page</SkipLink>
      <Sidebar
        session={session}
        pages={pages}
        open={drawer.open}
        onClose={drawer.hide}
        onName={onName}
      />
      <Page key={page} name={page} session={session} pages={pages} onMenu={drawer.show} />
    </div>
  )
}
