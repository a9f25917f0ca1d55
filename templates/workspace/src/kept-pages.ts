import type { LatestValue } from 'rusher/client'

const storageKey = 'rusher-pages'

type Latest = ReadonlyMap<string, LatestValue>

/** Keeps what the server last said of the pages, for when this app is opened without the server. */
export function keepPages(latest: Latest): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify([...latest]))
  } catch {
    // The storage is full or forbidden. The list comes with the next connection.
  }
}

/** What was kept; empty where there is nothing. */
export function loadKeptPages(): Latest {
  try {
    const entries: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]')
    if (!Array.isArray(entries)) return new Map()
    return new Map(entries.filter((entry) => isEntry(entry)))
  } catch {
    return new Map()
  }
}

function isEntry(entry: unknown): entry is readonly [string, LatestValue] {
  if (!Array.isArray(entry)) return false
  const [key, value] = entry as readonly unknown[]
  const { user, at } = Object(value) as Partial<LatestValue>
  return typeof key === 'string' && typeof user === 'object' && typeof at === 'number'
}
