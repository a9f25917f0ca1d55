import { defineApp, defineConfig } from 'rusher/server'

/** What a client may ask of the list of pages. `src/pages.ts` sends these. */
type PagesCommand =
  | { readonly kind: 'create' | 'list'; readonly id: string; readonly title: string }
  | {
      readonly kind: 'rename'
      readonly id: string
      readonly title: string
      readonly createdAt: number
    }
  | { readonly kind: 'delete' | 'restore' | 'purge'; readonly id: string }

const stateAfter = { delete: 'deleted', restore: 'listed', purge: 'purged' } as const

/**
 * The app behind the page list. The channel `pages:all` keeps the title of each page and whether it
 * was deleted, as latest values, which every subscriber gets on join. The content of a page is a
 * document and needs no app.
 */
export const pages = defineApp<null, PagesCommand>({
  name: 'pages',
  parse(body) {
    const { kind, id, title, createdAt } = Object(body) as Readonly<Record<string, unknown>>
    if (!isPageId(id)) return undefined
    switch (kind) {
      case 'delete':
      case 'restore':
      case 'purge':
        return { kind, id }
      case 'create':
      case 'list':
        return isTitle(title) ? { kind, id, title } : undefined
      case 'rename':
        return isTitle(title) && isTime(createdAt) ? { kind, id, title, createdAt } : undefined
      default:
        return undefined
    }
  },
  decide(_state, command, _member, { now }) {
    const { kind, id } = command
    if (!('title' in command)) {
      const body = { kind: 'state', id, state: stateAfter[command.kind] }
      return { kind: 'publish', body, keep: { latest: `state:${id}` } }
    }
    const { title } = command
    const createdAt = command.kind === 'rename' ? Math.min(command.createdAt, now) : now
    // Listing a page that was opened by its address replaces no title: 0 is not above any other.
    const chosen = kind === 'list' ? 0 : 1
    const latest = `title:${id}`
    return {
      kind: 'publish',
      body: { kind: 'title', id, title, createdAt, chosen },
      keep: kind === 'list' ? { latest, increasing: 'chosen' } : { latest },
    }
  },
})

/** Ids are names of documents and channels too. */
function isPageId(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,31}$/.test(value)
}

/** 1 to 120 characters in any language, on one line. */
function isTitle(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 240 || value !== value.trim()) return false
  const { length } = [...value]
  return length >= 1 && length <= 120 && !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(value)
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

export default defineConfig({
  apps: [pages],
  // Who may read and write which page: uncomment, and give the server tokens to tell people apart.
  // permit: (identity, channel, act) => act === 'read' || identity.user.id !== 'guest',
})
