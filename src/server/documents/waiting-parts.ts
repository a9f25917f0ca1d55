import type { SetAside, StateVector } from '../document-engine/document-engine.ts'

/**
 * Parts of updates that follow on something which is not there yet, of one document, in memory. They are given back when it has come. They are
 * on no disk, and nobody is told that they are saved: whoever has them does not see them either, and brings them again with the next sync.
 * Bounded: the oldest go first.
 */
export class WaitingParts<Sent> {
  readonly #parts: { readonly aside: SetAside; readonly sent: Sent }[] = []
  readonly #bounds: { readonly partsMax: number; readonly bytesMax: number }
  #bytes = 0

  constructor(bounds: { readonly partsMax: number; readonly bytesMax: number }) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#parts.length
  }

  /** Keeps a part, and how it was sent. The same bytes are kept once. */
  keep(aside: SetAside, sent: Sent): void {
    const { update } = aside
    if (update.length > this.#bounds.bytesMax) return
    if (this.#parts.some(({ aside: { update: known } }) => isSame(known, update))) return
    this.#parts.push({ aside, sent })
    this.#bytes += update.length
    while (this.#parts.length > this.#bounds.partsMax || this.#bytes > this.#bounds.bytesMax) {
      this.#bytes -= this.#parts.shift()?.aside.update.length ?? 0
    }
  }

  /** Takes out what may go on, now that clients have come so far. */
  advanced(vector: StateVector): readonly { readonly aside: SetAside; readonly sent: Sent }[] {
    if (this.#parts.length === 0) return []
    const due = this.#parts.filter(
      ({ aside: { lacks } }) => (vector.get(lacks.client) ?? 0) > lacks.clock,
    )
    for (const part of due) {
      this.#parts.splice(this.#parts.indexOf(part), 1)
      this.#bytes -= part.aside.update.length
    }
    return due
  }

  /** Drops every part: what they follow on was deleted. */
  clear(): void {
    this.#parts.length = 0
    this.#bytes = 0
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && Buffer.compare(one, other) === 0
}
