import { useEffect, useRef, useState } from 'react'
import { DeletePage } from '../DeletePage.tsx'
import { Icon } from '../Icon.tsx'
import { Menu } from '../Menu.tsx'
import type { PageEntry } from '../pages.ts'
import type { Pages } from '../use-pages.ts'
import { moveInList } from './move-in-list.ts'
import { RenameForm } from './RenameForm.tsx'

interface PageLinkProps {
  readonly page: PageEntry
  readonly current: boolean
  readonly pages: Pick<Pages, 'rename' | 'remove'>
  readonly onOpen: () => void
}

/** A page in the list, and what can be done with it. */
export function PageLink({ page, current, pages, onOpen }: PageLinkProps) {
  const [doing, setDoing] = useState<'renaming' | 'deleting'>()
  const menu = useRef<HTMLButtonElement>(null)
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (current) scrollTo(row.current)
  }, [current])
  const back = () => {
    setDoing(undefined)
    // The button is there again once this is drawn.
    setTimeout(() => menu.current?.focus())
  }
  if (doing === 'renaming') {
    return (
      <li className="page-row">
        <RenameForm
          title={page.title}
          onTitle={(title) => void pages.rename(page, title)}
          onClose={back}
        />
      </li>
    )
  }
  return (
    <li ref={row} className="page-row">
      <a
        className="page-link"
        href={`#${page.id}`}
        aria-current={current ? 'page' : undefined}
        title={page.title}
        onClick={onOpen}
        onKeyDown={(event) => {
          const list = event.currentTarget.closest('ul')
          if (moveInList(list, event.key)) event.preventDefault()
        }}
      >
        <Icon name="page" />
        <bdi className="page-name">{page.title}</bdi>
      </a>
      <Menu
        label={`Menu of ${page.title}`}
        button={menu}
        items={[
          { label: 'Rename', icon: 'pencil', onUse: () => setDoing('renaming') },
          { label: 'Delete', icon: 'bin', danger: true, onUse: () => setDoing('deleting') },
        ]}
      />
      {doing === 'deleting' && (
        <DeletePage page={page} onDelete={() => pages.remove(page)} onCancel={back} />
      )}
    </li>
  )
}

/** Scrolls the list, and nothing around it, to where a row is seen. */
function scrollTo(row: HTMLElement | null): void {
  const list = row?.closest('nav')
  if (row === null || list === null || list === undefined) return
  const seen = list.getBoundingClientRect()
  const { top, bottom } = row.getBoundingClientRect()
  list.scrollTop += Math.min(0, top - seen.top) + Math.max(0, bottom - seen.bottom)
}
