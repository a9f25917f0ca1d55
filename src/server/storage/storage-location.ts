import { RusherError } from '../../protocol/index.ts'

/** Where a log is kept, as a flag, a variable or the configuration names it. */
export type StorageLocation =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly path: string }

/** Default location of a server's log. */
export const defaultStorage = 'sqlite:./data/rusher.db'

/** Words that are meant as a kind of storage, and that would otherwise name a file. */
const kinds = new Set(['memory', ':memory:', 'sqlite', 'sqlite::memory:'])

/**
 * Parses `memory:`, `sqlite:<file>` or a plain path of a SQLite file. Every command and option that
 * names storage accepts the same words.
 * @throws {RusherError} CONFIG for any other scheme, and for a name without a file.
 */
export function parseStorage(text: string): StorageLocation {
  if (text === 'memory:') return { kind: 'memory' }
  if (kinds.has(text)) throw fault(text, "; write 'memory:', or './<name>' for a file")
  const path = text.startsWith('sqlite:') ? sqlitePath(text) : text
  if (path.trim() === '') throw fault(text, '; it names no file')
  // One letter is a drive of Windows.
  if (path === text && /^[a-z][a-z\d+.-]+:/i.test(text)) throw fault(text, '')
  return { kind: 'sqlite', path }
}

/** `sqlite:///data/x.db` is the same as `sqlite:/data/x.db`, as in other programs. */
function sqlitePath(text: string): string {
  const path = text.slice('sqlite:'.length)
  if (!path.startsWith('//')) return path
  if (path.startsWith('///')) return path.slice(2)
  throw fault(text, `; write 'sqlite:${path.slice(2)}'`)
}

function fault(text: string, hint: string): RusherError {
  return new RusherError(
    'CONFIG',
    `storage is '${text}'; it can be sqlite:<file>, a path, or memory:${hint}`,
  )
}
