import type { SetAside, StateVector } from '../yjs/document-engine.ts'

/**
 * Parts of one document's updates with missing dependencies, in memory. They are returned once the
 * dependencies arrive. They are neither stored nor acknowledged: their client does not show them
 * either and sends them again with the next sync. Bounded; the oldest are dropped first.
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

  /** Keeps a part and how it was sent. Equal bytes are kept once. */
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

  /** Removes and returns the parts whose dependencies are now present. */
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
