import { isEditorCursor } from '../../link/editor-cursor.ts'
import type { Clock } from '../../runtime/clock.ts'
import { contain, type FaultContext } from '../../runtime/containment.ts'
import type { Said } from './awareness-table.ts'

/** The parts of a document that its guard uses. */
export interface GuardedDocument {
  /** Offset of the last committed update. */
  head(): number
  /** Whether it contains XML elements, as y-prosemirror and similar bindings create them. */
  holdsElements(): Promise<boolean>
  /** Announces a state that was held back. */
  announce(said: Said, key: string): void
  /** Removes cursors of other programs from all announced states. */
  clean(): void
}

type Known =
  | { readonly kind: 'not looked' }
  | { readonly kind: 'looking' }
  /** No elements up to this offset; checked again after new updates, but not before `againMs`. */
  | { readonly kind: 'other'; readonly head: number; readonly againMs: number }
  /** Final: an emptied editor document will be filled again. */
  | { readonly kind: 'text' }

/** Pauses between checks of a growing document, in milliseconds. */
const pauseMs = { first: 500, most: 5 * 60_000 } as const

/**
 * Keeps cursors of other programs out of the documents of editors. A `cursor` that is a number or
 * `{x, y}` is fine on a canvas, but y-prosemirror throws on it for every user. So a state with such
 * a cursor is held back until the kind of document is known. Documents without such cursors are not
 * checked.
 */
export class CursorGuard {
  readonly #document: GuardedDocument
  readonly #clock: Clock
  readonly #parts: FaultContext
  readonly #held = new Map<string, Said>()
  #known: Known = { kind: 'not looked' }
  #pauseMs: number = pauseMs.first

  constructor(document: GuardedDocument, clock: Clock, parts: FaultContext) {
    this.#document = document
    this.#clock = clock
    this.#parts = parts
  }

  /**
   * The state to announce for one with another program's cursor; undefined while it is held back.
   */
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

  /** Drops the held-back state of a member that left or sent a new one. */
  drop(key: string): void {
    this.#held.delete(key)
  }

  /** Checks the document again if it has grown. */
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

/** A presence state (JSON text) without its cursor, unless that is an editor's. */
export function withoutOtherCursor(state: string): string {
  const parsed = JSON.parse(state) as { readonly cursor?: unknown } | null
  if (parsed === null || parsed.cursor === undefined || parsed.cursor === null) return state
  if (isEditorCursor(parsed.cursor)) return state
  const { cursor: _cursor, ...rest } = parsed
  return JSON.stringify(rest)
}
