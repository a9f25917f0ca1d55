/** What is known of another machine's clocks. */
export interface ClockOffset {
  /** Its monotonic clock less ours, in milliseconds. */
  readonly offsetMs: number
  /** The offset is off by no more than this. */
  readonly errorMs: number
  /** Of the sample that the offset is from. */
  readonly roundTripMs: number
  /** On our monotonic clock: when that sample came back. */
  readonly heardMs: number
  /** Its wall clock at the moment at which our monotonic clock is 0: what both wall clocks can be held against. */
  readonly wallAtZeroMs: number
}

/** One question and its answer: `sentMs` and `heardMs` on our monotonic clock, `at` on theirs, `wallMs` their wall clock at `at`. */
export interface ClockSample {
  readonly sentMs: number
  readonly heardMs: number
  readonly at: number
  readonly wallMs: number
}

/** By how much two monotonic clocks may part, as a share of time; quartz is good to 50 millionths, and each side has one. */
const driftMax = 100e-6

/**
 * The offset of another clock as NTP has it (RFC 5905 section 8): the answer was given somewhere between question and arrival, so that the middle is
 * off by half the round trip at most. Of all samples the one with the shortest way counts; what is known of old has become less
 * sure by the drift since.
 */
export function estimateOffset(before: ClockOffset | undefined, sample: ClockSample): ClockOffset {
  const roundTripMs = sample.heardMs - sample.sentMs
  const offsetMs = sample.at - (sample.sentMs + sample.heardMs) / 2
  const wallAtZeroMs = sample.wallMs - (sample.at - offsetMs)
  const next = {
    offsetMs,
    errorMs: roundTripMs / 2,
    roundTripMs,
    heardMs: sample.heardMs,
    wallAtZeroMs,
  }
  if (before === undefined) return next
  const errorMs = before.errorMs + Math.max(0, sample.heardMs - before.heardMs) * driftMax
  return next.errorMs <= errorMs ? next : before
}

/** How sure an offset still is at a later moment of our monotonic clock, in milliseconds. */
export function errorAt({ errorMs, heardMs }: ClockOffset, nowMs: number): number {
  return errorMs + Math.max(0, nowMs - heardMs) * driftMax
}

/** Their wall clock less ours, in milliseconds; ours is given as both of our clocks at one moment. */
export function clockOffMs({ wallAtZeroMs }: ClockOffset, nowMs: number, wallMs: number): number {
  return wallAtZeroMs - (wallMs - nowMs)
}
