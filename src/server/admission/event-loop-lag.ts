/** How late the event loop runs what is due. */
export interface EventLoopLag {
  /** To be called every `everyMs`, by a timer of that loop. */
  look(nowMs: number): void
  /** Smoothed, in milliseconds. */
  readonly ms: number
}

/** Weight of the newest look: a pause of a second counts as a fifth of one, and is forgotten within ten looks. */
const newest = 0.2

export function createEventLoopLag(startMs: number, everyMs: number): EventLoopLag {
  let lookedMs = startMs
  let ms = 0
  return {
    look(nowMs) {
      ms += newest * (Math.max(0, nowMs - lookedMs - everyMs) - ms)
      lookedMs = nowMs
    },
    get ms() {
      return ms
    },
  }
}
