import type { SearchResult } from '../bundle/bundle.ts'

/** One run at one number of connections. */
export type Level = SearchResult['levels'][number]

export type NextLevel =
  | { readonly kind: 'try'; readonly connections: number }
  | { readonly kind: 'found'; readonly pass: number; readonly fail?: number }

/** The search begins with this share of the most that is asked for. */
const firstShare = 1 / 8
/** Between what held and what did not, as a share of the former, below which the search ends. */
const resolution = 0.02

/**
 * What to try next: twice as many as held last, until something does not hold or the most is reached; then the middle between the most that
 * held and the least that did not.
 */
export function nextLevel(levels: readonly Level[], connectionsMax: number): NextLevel {
  const held = levels.filter((level) => level.held).map(({ connections }) => connections)
  const failed = levels.filter((level) => !level.held).map(({ connections }) => connections)
  const pass = Math.max(0, ...held)
  const fail = failed.length === 0 ? undefined : Math.min(...failed)
  if (fail === undefined) {
    if (pass >= connectionsMax) return { kind: 'found', pass }
    const first = Math.max(1, Math.ceil(connectionsMax * firstShare))
    return { kind: 'try', connections: Math.min(connectionsMax, pass === 0 ? first : pass * 2) }
  }
  const gap = fail - pass
  if (gap <= 1 || gap <= pass * resolution) return { kind: 'found', pass, fail }
  return { kind: 'try', connections: pass + Math.floor(gap / 2) }
}
