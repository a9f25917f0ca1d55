import type { Me } from '../people.ts'
import type { PageNode } from './copy/read-page.ts'

/** A stretch of work on a page. */
export interface Version {
  readonly id: number
  readonly fromMs: number
  readonly toMs: number
  readonly people: readonly {
    readonly id: string
    readonly name?: string
    readonly edits: number
  }[]
}

/** The address of a page's document, or of something about it (`versions`). */
export function documentUrl(name: string, what: string, me: Me): string {
  const params = new URLSearchParams({ user: me.id, name: me.name, field: 'default' })
  return `/docs/${encodeURIComponent(name)}${what === '' ? '' : `/${what}`}?${params}`
}

/** The versions of a page, the newest first. */
export async function listVersions(name: string, me: Me): Promise<readonly Version[]> {
  const { versions } = (await ask(documentUrl(name, 'versions', me))) as {
    versions: readonly Version[]
  }
  return versions
}

/** What was in a page then. */
export async function readVersion(name: string, id: number, me: Me): Promise<PageNode> {
  return (await ask(documentUrl(name, `versions/${id}/json`, me))) as PageNode
}

/** Brings a version back, for everybody. What was written since stays in the history. */
export async function restoreVersion(name: string, id: number, me: Me): Promise<void> {
  await ask(documentUrl(name, `versions/${id}/restore`, me), 'POST')
}

async function ask(url: string, method = 'GET'): Promise<unknown> {
  const response = await reach(url, method)
  const answer: unknown = await response.json()
  if (response.ok) return answer
  const { error } = answer as { readonly error?: { readonly message: string } }
  throw new Error(error?.message ?? 'The server did not answer as expected.')
}

/** Sends a request; rejects in plain words where there is no answer. */
export async function reach(url: string, method: string): Promise<Response> {
  try {
    return await fetch(url, { method })
  } catch (cause) {
    throw new Error('The server cannot be reached. Try again when it is back.', { cause })
  }
}

/** The names of those who worked on a version: `Ann, Ben and 2 more`. */
export function namesOf({ people }: Version): string {
  const names = people.map(({ name }) => name ?? 'Somebody')
  const shown = names.slice(0, 3)
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

/** When a version was: `today, 14:05` or `3 March, 09:10`. */
export function timeOf({ toMs }: Version, nowMs: number): string {
  return timeAt(toMs, nowMs)
}

/** Formats a time relative to now, both in milliseconds since 1970. */
export function timeAt(atMs: number, nowMs: number): string {
  const at = new Date(atMs)
  const time = at.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
  const isToday = at.toDateString() === new Date(nowMs).toDateString()
  const day = isToday
    ? 'Today'
    : at.toLocaleDateString(undefined, { day: 'numeric', month: 'long' })
  return `${day}, ${time}`
}
