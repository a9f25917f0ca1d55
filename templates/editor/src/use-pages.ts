import { useEffect, useMemo, useState } from 'react'
import { keepPages, loadKeptPages } from './kept-pages.ts'
import { documentUrl, reach } from './page/versions.ts'
import {
  type DeletedPage,
  foldPages,
  makePageId,
  neighbourOf,
  type PageEntry,
  type PageList,
  type PagesBody,
  titleOf,
  toTitle,
  untitled,
} from './pages.ts'
import type { Session } from './session.ts'
import { useChannel, useClient } from './use-channel.ts'

/** Something that was done to a page, and the way back. */
export interface PagesNotice {
  readonly text: string
  readonly undo?: (() => void) | undefined
}

/** The list of pages, the open one, and what can be done with them. */
export interface Pages extends PageList {
  readonly current: PageEntry
  /** Where the open page is a deleted one. */
  readonly currentDeleted: DeletedPage | undefined
  /** Whether a change of the open page's title is not on the server's disk yet. */
  readonly isSavingTitle: boolean
  readonly notice: PagesNotice | undefined
  readonly dismissNotice: () => void
  /** Makes a page and opens it. */
  readonly create: () => void
  /** Settles when the server has the title, or has refused it. */
  readonly rename: (page: PageEntry, typed: string) => Promise<void>
  /** Moves a page to the deleted ones, and goes on to another where it is open here. */
  readonly remove: (page: PageEntry) => void
  readonly restore: (page: PageEntry) => void
  /** Deletes a page and its history for good. */
  readonly purge: (page: PageEntry) => Promise<void>
  /**
   * Puts the open page into everybody's list, if it was opened by its address. Returns false while
   * the list is not known.
   */
  readonly list: () => boolean
}

export function usePages({ client, pages: channel, me }: Session, id: string): Pages {
  const { pending, state } = useChannel(channel)
  const latest = useLatest(channel)
  const isOnline = useClient(client).state === 'online'
  const list = useMemo(() => foldPages(latest, pending), [latest, pending])
  const [notice, setNotice] = useState<PagesNotice>()
  const currentDeleted = list.deleted.find((page) => page.id === id)
  const current = list.pages.find((page) => page.id === id) ?? currentDeleted ?? unlisted(id)

  const publish = async (body: PagesBody, what: string) => {
    try {
      await channel.publish(body)
    } catch (error) {
      setNotice({ text: `${what}: ${error instanceof Error ? error.message : String(error)}` })
    }
  }
  const restore = ({ id: which, title }: PageEntry) => {
    setNotice(undefined)
    void publish({ kind: 'restore', id: which }, `“${title}” was not restored`)
  }
  return {
    ...list,
    current,
    currentDeleted,
    isSavingTitle: pending.some(({ body, state: how }) => body.id === id && how !== 'failed'),
    notice,
    dismissNotice: () => setNotice(undefined),
    create() {
      const made = makePageId((bytes) => crypto.getRandomValues(bytes))
      void publish({ kind: 'create', id: made, title: untitled }, 'The page is in no list')
      location.hash = made
    },
    rename({ id: which, title: before, createdAt }, typed) {
      const title = toTitle(typed) ?? untitled
      if (title === before) return Promise.resolve()
      return publish({ kind: 'rename', id: which, title, createdAt }, 'The title was not changed')
    },
    remove(page) {
      void publish({ kind: 'delete', id: page.id }, `“${page.title}” was not deleted`)
      if (page.id === id) location.hash = neighbourOf(list.pages, id)
      const what = isOnline ? 'was deleted' : 'will be deleted once the server can be reached'
      setNotice({ text: `“${page.title}” ${what}.`, undo: () => restore(page) })
    },
    restore,
    async purge({ id: which }) {
      await deleteDocument(documentUrl(which, '', me))
      await publish({ kind: 'purge', id: which }, 'The page is still in the list')
    },
    list() {
      if (state !== 'joined') return false
      if (current.isListed || currentDeleted !== undefined) return true
      // It was deleted for good once, and begins anew.
      const isKnown = latest.has(`state:${id}`)
      const body: PagesBody = isKnown
        ? { kind: 'restore', id }
        : { kind: 'list', id, title: current.title }
      // A user without permission to list pages may still edit this one.
      channel.publish(body).catch(() => undefined)
      return true
    },
  }
}

/** What the server says of the pages; until it answers, what it said last. */
function useLatest(channel: Session['pages']) {
  const { latest, state } = useChannel(channel)
  const [kept] = useState(loadKeptPages)
  const isKnown = state === 'joined' || latest.size > 0
  useEffect(() => {
    if (isKnown) keepPages(latest)
  }, [isKnown, latest])
  return isKnown ? latest : kept
}

function unlisted(id: string): PageEntry {
  return { id, title: titleOf(id), createdAt: Date.now(), isListed: false }
}

async function deleteDocument(url: string): Promise<void> {
  const { ok, status } = await reach(url, 'DELETE')
  // 404: nothing was ever written in it.
  if (!ok && status !== 404) throw new Error('The server did not delete the page.')
}
