import type { HistoryReply, LoggedEvent } from '../protocol/message.ts'
import type { Gap, Position } from '../protocol/position.ts'

/** Events a channel holds if its options do not say. */
export const keepEventsDefault = 1000

/** What a join reply says about the log. */
export interface JoinedLog {
  readonly position: Position
  readonly recovered: boolean
  readonly gap?: Gap
}

/**
 * The part of a channel's log that the client holds: contiguous events in order, and the position after the last one seen.
 * No I/O and no clock: what it is told decides what it is.
 */
export class EventLog {
  readonly #keepEvents: number
  /** More than `keepEvents` once older pages were asked for: what the user scrolled to stays. */
  #eventsMax: number
  #events: LoggedEvent[] = []
  #view: readonly LoggedEvent[] | undefined
  #position: Position | undefined
  #target = 0
  #begin: number | undefined
  #hasOlder = false
  /** The position in the client's store is still to be asked for. */
  #resumes: boolean

  constructor(keepEvents = keepEventsDefault, since?: Position, resumes = true) {
    this.#keepEvents = keepEvents
    this.#eventsMax = keepEvents
    this.#position = since
    this.#resumes = resumes && since === undefined
    this.#hasOlder = since !== undefined && since.offset > 0
  }

  /**
   * Starts after a position that was kept from an earlier visit, if this is the first join. Answers
   * with the position to join after.
   */
  startAfter(kept: Position | undefined): Position | undefined {
    if (this.#resumes && kept !== undefined) {
      this.#position = kept
      this.#hasOlder = kept.offset > 0
    }
    this.#resumes = false
    return this.#position
  }

  /** The events held; the same array until they change. */
  get events(): readonly LoggedEvent[] {
    this.#view ??= [...this.#events]
    return this.#view
  }

  get position(): Position | undefined {
    return this.#position
  }

  /** The oldest offset the server's log has, as far as it was told. */
  get begin(): number | undefined {
    return this.#begin
  }

  get hasOlder(): boolean {
    return this.#hasOlder
  }

  /** True while events that a join reply announced have not come yet. */
  get recovering(): boolean {
    return this.#position !== undefined && this.#position.offset < this.#target
  }

  /** The offset before which the next older page ends. */
  get olderBefore(): number {
    return this.#events[0]?.offset ?? (this.#position?.offset ?? 0) + 1
  }

  /** Takes a join reply. Answers with the gap that the client has to live with, if there is one. */
  join(reply: JoinedLog): Gap | undefined {
    const { position, gap } = reply
    if (this.#position === undefined) {
      this.#restart(position)
      return undefined
    }
    if (gap?.reason === 'epoch' || position.epoch !== this.#position.epoch) {
      this.#restart(position)
      return gap ?? { from: 1, to: position.offset, reason: 'epoch' }
    }
    const missing = gap !== undefined && this.skip(gap) ? gap : undefined
    this.#target = position.offset
    return missing
  }

  /** Steps over events that retention removed. False when they were seen before. */
  skip(gap: Gap): boolean {
    if (this.#position === undefined || gap.to <= this.#position.offset) return false
    // What is held lies before the gap, and held events are contiguous.
    this.#clear()
    this.#position = { epoch: this.#position.epoch, offset: gap.to }
    this.#begin = gap.to + 1
    this.#hasOlder = false
    return true
  }

  /** Forgets everything, the position too: the next join starts at the head. */
  forget(): void {
    this.#clear()
    this.#position = undefined
    this.#target = 0
    this.#begin = undefined
    this.#hasOlder = false
  }

  /** Takes an event. A `hole` was not taken: what is missing must be fetched before it. */
  accept(event: LoggedEvent): 'accepted' | 'duplicate' | 'hole' {
    const position = this.#position
    if (position === undefined || event.offset > position.offset + 1) return 'hole'
    if (event.offset <= position.offset) return 'duplicate'
    this.#position = { epoch: position.epoch, offset: event.offset }
    this.#events.push(event)
    if (this.#events.length > this.#eventsMax) {
      this.#events.shift()
      this.#hasOlder = true
    }
    this.#view = undefined
    return 'accepted'
  }

  /** Puts a page before what is held, as far as it joins on. Answers with the events taken. */
  prepend(page: HistoryReply): readonly LoggedEvent[] {
    if (page.position.epoch !== this.#position?.epoch) return []
    const older: LoggedEvent[] = []
    let before = this.olderBefore
    for (const event of [...page.events].reverse()) {
      if (event.offset >= before) continue
      if (event.offset !== before - 1) break
      older.unshift(event)
      before = event.offset
    }
    this.#begin = page.begin
    this.#hasOlder = older.length > 0 ? before > page.begin : false
    if (older.length > 0) {
      this.#events = [...older, ...this.#events]
      this.#eventsMax = Math.max(this.#keepEvents, this.#events.length)
      this.#view = undefined
    }
    return older
  }

  #restart(position: Position): void {
    this.#clear()
    this.#position = position
    this.#target = position.offset
    this.#begin = undefined
    this.#hasOlder = position.offset > 0
  }

  #clear(): void {
    this.#events = []
    this.#view = undefined
    this.#eventsMax = this.#keepEvents
  }
}
