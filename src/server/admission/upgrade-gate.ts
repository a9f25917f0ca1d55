import type { Limits } from '../../protocol/index.ts'

/** Why an upgrade is refused for now. */
export type RefusalReason = 'draining' | 'full' | 'rate' | 'handshakes' | 'late'

export interface RefusedUpgrade {
  readonly reason: RefusalReason
  /** For whoever reads the answer. */
  readonly text: string
  /** When to come again, in whole seconds. */
  readonly retryAfterS: number
}

/** What an edge has to do, at this moment. */
export interface EdgeLoad {
  readonly draining: boolean
  readonly sessions: number
  /** Connections that were upgraded and whose first commands are being worked on. */
  readonly handshakes: number
}

/** Decides about each upgrade before it is begun. */
export interface UpgradeGate {
  /** Why the next is not taken; undefined when it is, and must be begun then. */
  ask(load: EdgeLoad): RefusedUpgrade | undefined
  /** Told so often how long it takes. */
  look(nowMs: number, waits: Waits): void
}

/** How long new connections wait, in milliseconds. */
export interface Waits {
  /** Until somebody hears them. */
  readonly heardMs: number
  /** From then on, until their first commands are done. */
  readonly handshakeMs: number
}

export type GateLimits = Pick<
  Limits,
  'sessionsMax' | 'upgradesPerSecond' | 'upgradesBurst' | 'handshakesMax' | 'acceptLateMs'
>

/** The gate opens again at this share of the wait at which it closed. */
const openAgainAt = 0.5
/** How long what was taken and refused counts, in milliseconds: after that, a third of it is left. */
const rememberedMs = 10_000
const secondsMin = 5
const secondsMax = 30
/** So few refusals say nothing of a crowd yet. */
const takenMin = 100

const texts: Readonly<Record<RefusalReason, string>> = {
  draining: 'the server is draining',
  full: 'the server is full',
  handshakes: 'the server has as many handshakes in hand as it can finish',
  rate: 'the server takes no more new connections in this second',
  late: 'the server is busy with those who came before',
}

/**
 * Work that was begun is finished before new work is taken. What comes beyond that is told when to come again, at a fraction of the
 * price: without it, everybody waits, each gives up in the end, and the server works for those who have.
 *
 * The time to come again is drawn from a span that is as long as it takes, at the rate at which others are taken now, to take those who were
 * refused lately: from 5 up to 30 seconds.
 */
export function createUpgradeGate(
  limits: GateLimits,
  random: () => number,
  startMs: number,
): UpgradeGate {
  let isLate = false
  let isSlow = false
  let lookedMs = startMs
  /** What may be taken at once: a token bucket, filled at each look. */
  let tokens = limits.upgradesBurst
  let taken = 0
  let refused = 0

  function reasonOf({ draining, sessions, handshakes }: EdgeLoad): RefusalReason | undefined {
    if (draining) return 'draining'
    if (sessions >= limits.sessionsMax) return 'full'
    if (isLate) return 'late'
    if (tokens < 1) return 'rate'
    return isSlow || handshakes >= limits.handshakesMax ? 'handshakes' : undefined
  }

  function spanS(): number {
    const seconds = (refused / Math.max(taken, takenMin)) * (rememberedMs / 1_000)
    return Math.min(secondsMax, Math.max(secondsMin, seconds))
  }

  return {
    ask(load) {
      const reason = reasonOf(load)
      if (reason === undefined) {
        taken += 1
        tokens -= 1
        return undefined
      }
      refused += 1
      const retryAfterS = 1 + Math.floor(random() * spanS())
      return { reason, text: texts[reason], retryAfterS: Math.min(secondsMax, retryAfterS) }
    },
    look(nowMs, { heardMs, handshakeMs }) {
      const left = Math.exp((lookedMs - nowMs) / rememberedMs)
      const filled = tokens + ((nowMs - lookedMs) / 1_000) * limits.upgradesPerSecond
      tokens = Math.min(limits.upgradesBurst, filled)
      lookedMs = nowMs
      taken *= left
      refused *= left
      isLate = heardMs > limits.acceptLateMs * (isLate ? openAgainAt : 1)
      isSlow = handshakeMs > limits.acceptLateMs * (isSlow ? openAgainAt : 1)
    },
  }
}
