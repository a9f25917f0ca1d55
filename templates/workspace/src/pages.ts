import type { LatestValue, PendingPublish } from 'rusher/client'

/** What is published in the channel of pages. `rusher.config.ts` checks it. */
export type PagesBody =
  /** `list` is for a page that was opened by its address: it replaces no title. */
  | { readonly kind: 'create' | 'list'; readonly id: string; readonly title: string }
  | {
      readonly kind: 'rename'
      readonly id: string
      readonly title: string
      readonly createdAt: number
    }
  /** A deleted page can be restored; a purged one is in no list. */
  | { readonly kind: 'delete' | 'restore' | 'purge'; readonly id: string }

/** A page in the list. */
export interface PageEntry {
  readonly id: string
  readonly title: string
  /** Milliseconds since 1970. Pages are listed in this order. */
  readonly createdAt: number
  /** Whether its title is known to the server, not only guessed from its id. */
  readonly isListed: boolean
}

/** A page that can be restored, and who deleted it. */
export interface DeletedPage extends PageEntry {
  readonly deletedBy: string | undefined
  readonly deletedAt: number
}

export interface PageList {
  readonly pages: readonly PageEntry[]
  /** The last deleted first. */
  readonly deleted: readonly DeletedPage[]
}

/** The title of a page without one. */
export const untitled = 'Untitled'

/** Characters (code points) in a title. */
export const titleCharsMax = 120

/** Pages that are there before anyone made one. */
const firstPages: readonly string[] = ['welcome', 'notes', 'plans']

const pageId = /^[a-z0-9][a-z0-9-]{0,31}$/

/** Makes the id of a new page: 80 random bits in base 36, so ids are unique and unguessable. */
export function makePageId(random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): string {
  const digits = Array.from(random(new Uint8Array(16)), (byte) => (byte % 36).toString(36))
  return digits.join('')
}

/** Turns typed or pasted text into a one-line title. Undefined when it is blank. */
export function toTitle(typed: string): string | undefined {
  const line = typed.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  const title = [...line].slice(0, titleCharsMax).join('').trim()
  return title === '' ? undefined : title
}

/** The page that the address names (`#notes`); the first one when it names none. */
export function pageOfHash(hash: string): string {
  const id = hash.slice(1)
  return pageId.test(id) ? id : 'welcome'
}

/** What a page is called that has no title: `team-plans` is `Team plans`. */
export function titleOf(id: string): string {
  // An id that this app made says nothing to anybody.
  if (/^[a-z0-9]{16}$/.test(id) && /\d/.test(id)) return untitled
  const words = id.replaceAll('-', ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/**
 * The pages, from what the server keeps and what is still on its way there. What is not a page is
 * passed over: everybody may write to the channel.
 */
export function foldPages(
  latest: ReadonlyMap<string, LatestValue>,
  pending: readonly PendingPublish<PagesBody>[],
): PageList {
  const pages = new Map<string, DeletedPage & { state: string }>()
  const set = (id: string, news: Partial<DeletedPage & { state: string }>) => {
    pages.set(id, { ...(pages.get(id) ?? fresh(id)), ...news })
  }
  firstPages.forEach((id, index) => {
    set(id, { createdAt: index })
  })
  for (const { body, user, at } of latest.values()) {
    const { kind, id, title, createdAt, state } = Object(body) as Readonly<Record<string, unknown>>
    if (typeof id !== 'string' || !pageId.test(id)) continue
    if (kind === 'title' && typeof title === 'string') {
      const known = toTitle(title) ?? untitled
      set(id, { title: known, createdAt: orderOf(id, createdAt), isListed: true })
    } else if (kind === 'state' && typeof state === 'string') {
      set(id, { state, deletedBy: user.name, deletedAt: at })
    }
  }
  for (const { body, state } of pending) {
    if (state === 'failed') continue
    if ('title' in body) set(body.id, { title: body.title, isListed: true })
    else set(body.id, { state: body.kind === 'restore' ? 'listed' : `${body.kind}d` })
  }
  const all = [...pages.values()]
  return {
    // A page of which only the state is known was listed once, and its title was forgotten.
    pages: all.filter(({ state }) => state === 'listed').sort(byCreation),
    deleted: all
      .filter(({ state }) => state === 'deleted')
      .sort((a, b) => b.deletedAt - a.deletedAt || byCreation(a, b)),
  }
}

function fresh(id: string): DeletedPage & { state: string } {
  return {
    id,
    title: titleOf(id),
    createdAt: Number.MAX_SAFE_INTEGER,
    isListed: firstPages.includes(id),
    deletedBy: undefined,
    deletedAt: Number.MAX_SAFE_INTEGER,
    state: 'listed',
  }
}

/** The first pages stay first, whatever they are called. */
function orderOf(id: string, createdAt: unknown): number {
  const first = firstPages.indexOf(id)
  return first === -1 ? Number(createdAt) || 0 : first
}

function byCreation(a: PageEntry, b: PageEntry): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
}

/** The pages whose title contains all words of a search, whatever their accents and capitals. */
export function searchPages(pages: readonly PageEntry[], search: string): readonly PageEntry[] {
  const words = plain(search).split(/\s+/).filter(Boolean)
  return pages.filter(({ title }) => {
    const text = plain(title)
    return words.every((word) => text.includes(word))
  })
}

function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
}

/** The page to go on to when this one is gone: the next in the list, or the one before. */
export function neighbourOf(pages: readonly PageEntry[], id: string): string {
  const index = pages.findIndex((page) => page.id === id)
  return (pages[index + 1] ?? pages[index - 1])?.id ?? 'welcome'
}

/** The name of a file in which a page is saved: its title, without what file systems refuse. */
export function fileNameOf(title: string): string {
  const name = title.replace(/[\p{Cc}/\\:*?"<>|]+/gu, '-').replace(/^[.\s-]+|[.\s-]+$/g, '')
  return [...name].slice(0, 60).join('') || 'page'
}
