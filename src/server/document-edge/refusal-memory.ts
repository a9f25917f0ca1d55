import type { DocumentFault } from '../link/document-messages.ts'

/**
 * How long a refused sender is not asked again for what was refused, in milliseconds: doubled each
 * time, up to the most.
 */
export const refusalPauses = { firstMs: 5_000, mostMs: 300_000 } as const
/** Refused senders that are remembered. The oldest is forgotten first. */
const rememberedMax = 10_000

interface Remembered {
  readonly fault: DocumentFault
  readonly pauseMs: number
  readonly untilMs: number
}

/**
 * Who was sent away since a change of theirs was refused. A client that comes back at once with the
 * same change is not asked for it again before a pause is over, which grows each time: so it cannot
 * go round for ever.
 */
export class RefusalMemory {
  readonly #known = new Map<string, Remembered>()

  /** Remembers one more refusal. Gives the time until which the sender is not asked again. */
  refused(key: string, fault: DocumentFault, nowMs: number): number {
    const before = this.#known.get(key)
    // Several changes that were on their way are one refusal.
    if (before !== undefined && nowMs < before.untilMs) return before.untilMs
    const isRecent = before !== undefined && nowMs < before.untilMs + 2 * before.pauseMs
    const pauseMs = isRecent
      ? Math.min(2 * before.pauseMs, refusalPauses.mostMs)
      : refusalPauses.firstMs
    const untilMs = nowMs + pauseMs
    this.#known.delete(key)
    this.#known.set(key, { fault, pauseMs, untilMs })
    const [oldest] = this.#known.keys()
    if (this.#known.size > rememberedMax && oldest !== undefined) this.#known.delete(oldest)
    return untilMs
  }

  /**
   * Why the sender was refused and until when it is not asked; undefined for one who was not
   * refused lately.
   */
  known(
    key: string,
    nowMs: number,
  ): { readonly fault: DocumentFault; readonly untilMs: number } | undefined {
    const known = this.#known.get(key)
    if (known === undefined || nowMs < known.untilMs + 2 * known.pauseMs) return known
    this.#known.delete(key)
    return undefined
  }

  forget(key: string): void {
    this.#known.delete(key)
  }
}
