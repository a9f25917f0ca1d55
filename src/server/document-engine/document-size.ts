import * as Y from 'yjs'
import type { CheckRequest } from './document-engine.ts'

type Bounds = Pick<CheckRequest, 'update' | 'growthBytesMax' | 'documentBytesMax'>

/**
 * How large a document is: its bytes as one update, without what was deleted where that is let go
 * of. Measuring encodes all of it, so it is done only where an estimate says that there is no room.
 */
export class DocumentSize {
  readonly #doc: Y.Doc
  /** Never less than the size. */
  #bytes: number | undefined
  #isExact = false

  constructor(doc: Y.Doc) {
    this.#doc = doc
  }

  /** Whether an update has room that takes nothing away. */
  hasRoom({ update, growthBytesMax, documentBytesMax }: Bounds): boolean {
    if (this.#fits(update, growthBytesMax)) return true
    if (documentBytesMax === undefined) return false
    if (this.#bytes !== undefined && this.#fits(update, documentBytesMax - this.#bytes)) return true
    return !this.#isExact && this.#fits(update, documentBytesMax - this.measure())
  }

  /** The size now. */
  measure(): number {
    this.#bytes = Y.encodeStateAsUpdate(this.#doc).length
    this.#isExact = true
    return this.#bytes
  }

  /** The size before an update that `hasRoom` said no to. */
  get known(): number {
    return this.#bytes ?? 0
  }

  /** An update of so many bytes was applied. */
  grew(bytes: number, deletes: boolean): void {
    if (this.#bytes === undefined) return
    this.#bytes += bytes
    if (deletes) this.#isExact = false
  }

  /**
   * Whether what is new of an update has no more than so many bytes; looked at closely only where
   * it could be too much.
   */
  #fits(update: Uint8Array, bytesMax: number): boolean {
    if (update.length <= bytesMax) return true
    return Y.diffUpdate(update, Y.encodeStateVector(this.#doc)).length <= bytesMax
  }
}
