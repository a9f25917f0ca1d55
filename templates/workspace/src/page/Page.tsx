import './Page.css'
import { useEffect, useState } from 'react'
import type { Session } from '../session.ts'
import type { Pages } from '../use-pages.ts'
import { type OpenPage, openPage } from './open-page.ts'
import { PageView } from './PageView.tsx'

interface PageProps {
  readonly name: string
  readonly session: Pick<Session, 'documents' | 'me'>
  readonly pages: Pages
  readonly onMenu: () => void
}

/** Opens a page for as long as it is shown. */
export function Page({ name, session, pages, onMenu }: PageProps) {
  const { documents, me } = session
  const [page, setPage] = useState<OpenPage>()
  // Incremented to reopen the page from a new local copy.
  const [opening, setOpening] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of `opening` reopens the page.
  useEffect(() => {
    const opened = openPage(name, { documents, me })
    setPage(opened)
    return () => opened.close()
  }, [name, documents, me, opening])
  if (page === undefined) return <main className="page" />
  const reopen = () => setOpening(opening + 1)
  return (
    <PageView
      key={page.doc.guid}
      page={page}
      pages={pages}
      me={me}
      onMenu={onMenu}
      onReopen={reopen}
    />
  )
}
