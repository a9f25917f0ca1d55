import * as Y from 'yjs'
import type { CheckRequest } from './document-engine.ts'

type Bounds = Pick<CheckRequest, 'update' | 'growthBytesMax' | 'documentBytesMax'>

/**
 * The size of a document: its bytes as one update, without deleted content unless that is kept.
 * Measuring encodes the document, so it is done only if an estimate says that there is no room.
 */
export class DocumentSize {
  readonly #doc: Y.Doc
  /** An upper bound of the size. */
  #bytes: number | undefined
  #isExact = false

  constructor(doc: Y.Doc) {
    this.#doc = doc
  }

  /** Whether an update without deletions has room. */
  hasRoom({ update, growthBytesMax, documentBytesMax }: Bounds): boolean {
    if (this.#fits(update, growthBytesMax)) return true
    if (documentBytesMax === undefined) return false
    if (this.#bytes !== undefined && this.#fits(update, documentBytesMax - this.#bytes)) return true
    return !this.#isExact && this.#fits(update, documentBytesMax - this.measure())
  }

  /** Measures the current size, in bytes. */
  measure(): number {
    this.#bytes = Y.encodeStateAsUpdate(this.#doc).length
    this.#isExact = true
    return this.#bytes
  }

  /** The size before an update that `hasRoom` rejected, in bytes. */
  get known(): number {
    return this.#bytes ?? 0
  }

  /** Records that an update of `bytes` bytes was applied. */
  grew(bytes: number, deletes: boolean): void {
    if (this.#bytes === undefined) return
    this.#bytes += bytes
    if (deletes) this.#isExact = false
  }

  /**
   * Whether the new part of an update has at most `bytesMax` bytes; computed exactly only if the
   * whole update is larger.
   */
  #fits(update: Uint8Array, bytesMax: number): boolean {
    if (update.length <= bytesMax) return true
    return Y.diffUpdate(update, Y.encodeStateVector(this.#doc)).length <= bytesMax
  }
}
