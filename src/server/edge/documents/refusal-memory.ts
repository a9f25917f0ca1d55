import type { DocumentFault } from '../../link/document-messages.ts'

/**
 * How long a rejected change is not requested again from its sender, in milliseconds. Doubles each
 * time, up to `mostMs`.
 */
export const refusalPauses = { firstMs: 5_000, mostMs: 300_000 } as const
/** Number of senders to remember; the oldest is dropped first. */
const rememberedMax = 10_000

interface Remembered {
  readonly fault: DocumentFault
  readonly pauseMs: number
  readonly untilMs: number
}

/**
 * Senders that were disconnected after a rejected change. A client that reconnects with the same
 * change is not asked for it again until a growing backoff has passed, so it cannot loop forever.
 */
export class RefusalMemory {
  readonly #known = new Map<string, Remembered>()

  /** Records a refusal. Returns the end of the backoff, in milliseconds. */
  refused(key: string, fault: DocumentFault, nowMs: number): number {
    const before = this.#known.get(key)
    // Changes already in flight count as one refusal.
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
   * Why the sender was refused and when its backoff ends; undefined if it was not refused recently.
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
