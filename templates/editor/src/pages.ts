import type { LatestValue } from 'rusher/client'

/** What travels in the channel of pages. */
export interface PagesBody {
  readonly kind: 'open'
  readonly name: string
}

/** Pages that are there before anyone opened one. */
export const firstPages: readonly string[] = ['welcome', 'notes', 'plans']

/** Pages that the side bar lists. */
const pagesMax = 100

const pageName = /^[a-z0-9][a-z0-9-]{0,31}$/

/** The pages in the side bar: the first ones, then those that people opened, by name. */
export function listPages(opened: ReadonlyMap<string, LatestValue>): readonly string[] {
  const names = [...opened.keys()].filter((name) => pageName.test(name)).sort()
  return [...new Set([...firstPages, ...names])].slice(0, pagesMax)
}

/** Makes a page's name of what someone typed: `Café Plans!` becomes `cafe-plans`. Undefined when nothing is left. */
export function toPageName(typed: string): string | undefined {
  const name = typed
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 32)
    .replace(/-+$/, '')
  return pageName.test(name) ? name : undefined
}

/** The page that the address names (`#notes`); the first one when it names none. */
export function pageOfHash(hash: string): string {
  const name = hash.slice(1)
  return pageName.test(name) ? name : 'welcome'
}

/** How a page's name is shown: `team-plans` as `Team plans`. */
export function titleOf(name: string): string {
  const words = name.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
