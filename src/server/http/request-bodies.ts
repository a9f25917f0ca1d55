import type { Limits } from '../../protocol/index.ts'
import { RequestRefused } from './refusal.ts'
import { SharedBudget } from './shared-budget.ts'

/** How often `RequestBodies.look` is to be called, in milliseconds. */
export const bodiesLookEveryMs = 1_000

/** Bytes of each body that do not count among the large ones: a small body never waits for them. */
export const smallBodyBytesMax = 16 * 1024

/** Bytes a second that a body must come with on average, after its time without progress. */
const bytesPerLookMin = 1_024

export type BodyLimits = Pick<
  Limits,
  | 'httpBodiesBytesMax'
  | 'httpBodiesMax'
  | 'httpUserBodiesMax'
  | 'httpBodyStalledMs'
  | 'documentFrameBytesMax'
>

/** A body of which bytes are in memory, or are being waited for. */
export interface OpenBody {
  /** Bytes that were received. */
  readonly bytes: number
  /** Reserves memory for received bytes. Returns false and reserves nothing if there is none. */
  take(count: number): boolean
  /** Nothing more comes; its bytes are held until `release`. */
  complete(): void
  /** Frees its memory. */
  release(): void
}

interface Coming {
  readonly who: string
  readonly body: OpenBody
  readonly end: (refused: RequestRefused) => void
  /** Looks since it began. */
  looks: number
  /** Looks in a row that found no new byte. */
  silentLooks: number
  bytesAtLook: number
}

/**
 * The request bodies of one process. They count by the bytes that were received, not by what was
 * announced. One user has a share of them. A body that makes no progress is ended, and earlier where
 * its place is needed.
 */
export class RequestBodies {
  readonly #coming = new Set<Coming>()
  readonly #open: SharedBudget
  readonly #large: SharedBudget
  readonly #silentLooksMax: number
  #held = 0

  constructor(limits: BodyLimits) {
    const { httpBodiesBytesMax, httpBodiesMax, httpUserBodiesMax, documentFrameBytesMax } = limits
    this.#open = new SharedBudget(httpBodiesMax, httpUserBodiesMax)
    const mostEach = Math.max(httpBodiesBytesMax / 2, documentFrameBytesMax)
    this.#large = new SharedBudget(httpBodiesBytesMax, mostEach)
    this.#silentLooksMax = Math.max(1, Math.ceil(limits.httpBodyStalledMs / bodiesLookEveryMs))
  }

  /** Bytes in memory. */
  get held(): number {
    return this.#held
  }

  /**
   * Begins a body. `end` is called where it must not go on; it is to release it. Throws
   * RequestRefused where too many are open and none of them is silent.
   */
  open(who: string, end: (refused: RequestRefused) => void): OpenBody {
    if (!this.#open.take(who, 1)) {
      this.#endLongestSilent(this.#open.isUsedUpBy(who) ? who : undefined)
      if (!this.#open.take(who, 1)) throw tooMuch()
    }
    const body = this.#bodyOf(who, () => {
      if (this.#coming.delete(coming)) this.#open.giveBack(who, 1)
    })
    const coming: Coming = { who, body, end, looks: 0, silentLooks: 0, bytesAtLook: 0 }
    this.#coming.add(coming)
    return body
  }

  /**
   * Ends bodies that make no progress. It counts calls, not time: a process that was suspended is
   * not the sender's fault.
   */
  look(): void {
    for (const coming of this.#coming) {
      const { bytes } = coming.body
      coming.looks += 1
      coming.silentLooks = bytes > coming.bytesAtLook ? 0 : coming.silentLooks + 1
      coming.bytesAtLook = bytes
      const isSilent = coming.silentLooks >= this.#silentLooksMax
      const isSlow = bytes < (coming.looks - this.#silentLooksMax) * bytesPerLookMin
      if (isSilent || isSlow) coming.end(tooSlow())
    }
  }

  #endLongestSilent(who: string | undefined): void {
    let found: Coming | undefined
    for (const coming of this.#coming) {
      if (who !== undefined && coming.who !== who) continue
      if (coming.silentLooks > (found?.silentLooks ?? 0)) found = coming
    }
    found?.end(tooSlow())
  }

  #bodyOf(who: string, complete: () => void): OpenBody {
    let bytes = 0
    let isReleased = false
    const large = (count: number): number => Math.max(0, count - smallBodyBytesMax)
    return {
      get bytes() {
        return bytes
      },
      take: (count) => {
        if (!this.#large.take(who, large(bytes + count) - large(bytes))) return false
        bytes += count
        this.#held += count
        return true
      },
      complete,
      release: () => {
        complete()
        if (isReleased) return
        isReleased = true
        this.#held -= bytes
        this.#large.giveBack(who, large(bytes))
      },
    }
  }
}

function tooMuch(): RequestRefused {
  const text = 'too many request bodies are being received; retry later'
  return new RequestRefused(503, 'BUSY', text, 1)
}

function tooSlow(): RequestRefused {
  return new RequestRefused(408, 'TIMEOUT', 'the body was sent too slowly')
}
