import type { Clock } from '../clock.ts'
import { contain, type FaultParts } from '../containment.ts'
import { isEditorCursor } from '../link/editor-cursor.ts'
import type { Said } from './presence-table.ts'

/** What a guard needs of the document that it is for. */
export interface GuardedDocument {
  /** Offset of the last committed update. */
  head(): number
  /** Whether XML elements are in it, which is what y-prosemirror and its kin make of a text. */
  holdsElements(): Promise<boolean>
  /** Tells what was held back. */
  announce(said: Said, key: string): void
  /** Takes other programs' cursors out of all states that were told. */
  clean(): void
}

type Known =
  | { readonly kind: 'not looked' }
  | { readonly kind: 'looking' }
  /** No elements through this offset; it is looked again once there is more and this time has come. */
  | { readonly kind: 'other'; readonly head: number; readonly againMs: number }
  /** For good: a text that was emptied is filled again. */
  | { readonly kind: 'text' }

/** Pauses between two looks at a document that grows, in milliseconds. */
const pauseMs = { first: 500, most: 5 * 60_000 } as const

/**
 * Keeps cursors of other programs out of the documents of editors. A `cursor` that is a number or `{x, y}` is fine on a canvas;
 * in a text y-prosemirror throws on it, on everybody's page. So a state that has one waits until it is known which the document
 * is. Nothing is looked at in a document where nobody sends such a cursor.
 */
export class CursorGuard {
  readonly #document: GuardedDocument
  readonly #clock: Clock
  readonly #parts: FaultParts
  readonly #held = new Map<string, Said>()
  #known: Known = { kind: 'not looked' }
  #pauseMs: number = pauseMs.first

  constructor(document: GuardedDocument, clock: Clock, parts: FaultParts) {
    this.#document = document
    this.#clock = clock
    this.#parts = parts
  }

  /** What a member says with another program's cursor, as it may be told; undefined while it is held back. */
  pass(key: string, said: Said): Said | undefined {
    switch (this.#known.kind) {
      case 'text':
        return { ...said, state: withoutOtherCursor(said.state) }
      case 'other':
        return said
      case 'not looked':
        this.#lookNow()
        this.#held.set(key, said)
        return undefined
      case 'looking':
        this.#held.set(key, said)
        return undefined
      default:
        return this.#known satisfies never
    }
  }

  /** A member says something else, or is gone: what was held back of it is not told any more. */
  drop(key: string): void {
    this.#held.delete(key)
  }

  /** Looks again at what has grown. */
  tick(): void {
    const known = this.#known
    if (known.kind !== 'other' || known.head >= this.#document.head()) return
    if (this.#clock.monotonicMs() >= known.againMs) this.#lookNow()
  }

  #lookNow(): void {
    contain(this.#parts, 'document', this.#look())
  }

  async #look(): Promise<void> {
    this.#known = { kind: 'looking' }
    const head = this.#document.head()
    try {
      const isText = await this.#document.holdsElements()
      this.#known = isText ? { kind: 'text' } : this.#other(head)
      if (isText) this.#document.clean()
      this.#release(isText)
    } catch (error) {
      this.#parts.log.warn(
        { err: error },
        'the editor of a document could not be determined; cursors are withheld',
      )
      this.#known = { kind: 'not looked' }
      this.#release(true)
    }
  }

  #other(head: number): Known {
    const againMs = this.#clock.monotonicMs() + this.#pauseMs
    this.#pauseMs = Math.min(2 * this.#pauseMs, pauseMs.most)
    return { kind: 'other', head, againMs }
  }

  #release(isText: boolean): void {
    const held = [...this.#held]
    this.#held.clear()
    for (const [key, said] of held) {
      const state = isText ? withoutOtherCursor(said.state) : said.state
      this.#document.announce({ ...said, state }, key)
    }
  }
}

/** A presence state (JSON text) without the cursor, if that is not an editor's. */
export function withoutOtherCursor(state: string): string {
  const parsed = JSON.parse(state) as { readonly cursor?: unknown } | null
  if (parsed === null || parsed.cursor === undefined || parsed.cursor === null) return state
  if (isEditorCursor(parsed.cursor)) return state
  const { cursor: _cursor, ...rest } = parsed
  return JSON.stringify(rest)
}
