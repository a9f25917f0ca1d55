/** Lateness of a tick that counts as a stall, and how long a stall is reported, in milliseconds. */
const stall = { lateMs: 1_000, rememberedMs: 5_000 } as const

/** Detects recent stalls of a process's event loop. */
export interface EventLoopStall {
  /** Must be called every `everyMs` by a timer of that event loop. */
  turn(nowMs: number): void
  /** `ok`, or for how long the loop stalled within the last five seconds. */
  check(nowMs: number): string
}

export function createEventLoopStall(startMs: number, everyMs: number): EventLoopStall {
  let turnMs = startMs
  let late = { ms: 0, atMs: Number.NEGATIVE_INFINITY }
  return {
    turn(nowMs) {
      const lateMs = nowMs - turnMs - everyMs
      turnMs = nowMs
      if (lateMs > stall.lateMs) late = { ms: lateMs, atMs: nowMs }
    },
    check: (nowMs) => (nowMs - late.atMs < stall.rememberedMs ? `stalled for ${late.ms} ms` : 'ok'),
  }
}
