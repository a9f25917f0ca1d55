import { type Copy, checkUpdate, loadCopy } from './check-update.ts'
import { correctNew } from './correct-update.ts'
import type { Checked, CheckRequest, DocumentSource, EngineLimits } from './document-engine.ts'
import type { SchemaGuard } from './schema-guard.ts'

/** The copies of documents that one thread holds: as many as fit, those last used. */
export interface DocumentCache {
  load(document: string, source: DocumentSource): void
  check(document: string, request: CheckRequest): Checked
  release(document: string): void
}

export function createDocumentCache(limits: EngineLimits, guard?: SchemaGuard): DocumentCache {
  // In order of use, the last used at the end.
  const copies = new Map<string, Copy>()
  let bytes = 0

  function release(document: string): void {
    const copy = copies.get(document)
    if (copy === undefined) return
    bytes -= copy.bytes
    copies.delete(document)
    copy.doc.destroy()
  }

  function use(document: string, copy: Copy): void {
    copies.delete(document)
    copies.set(document, copy)
  }

  /** Makes room, but never by the copy in hand. */
  function shed(): void {
    for (const document of copies.keys()) {
      if (bytes <= limits.loadedBytesMax || copies.size <= 1) return
      release(document)
    }
  }

  return {
    release,
    load(document, source) {
      release(document)
      const copy = loadCopy(source)
      bytes += copy.bytes
      use(document, copy)
      shed()
    },
    check(document, request) {
      const copy = copies.get(document)
      if (copy === undefined) return { kind: 'absent' }
      use(document, copy)
      const before = copy.bytes
      const { checked, spoilt } = checkUpdate(copy, request, limits)
      bytes += copy.bytes - before
      if (spoilt) release(document)
      else shed()
      if (guard === undefined || checked.kind !== 'new') return checked
      try {
        return correctNew(copy, checked, guard)
      } catch (error) {
        // The copy contains changes that the log will not have.
        release(document)
        throw error
      }
    },
  }
}
