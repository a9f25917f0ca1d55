import { type Refusal, refuse } from '../../../protocol/index.ts'
import type { Act, Identity, Permit } from '../../auth/auth.ts'
import type { Log } from '../../log/log.ts'
import type { Clock } from '../../runtime/clock.ts'
import { edgeTimes } from './edge-times.ts'
import { withTimeout } from './with-timeout.ts'

/** Undefined: go on. A promise only where the hook itself needs time. */
export type Verdict = Refusal | undefined

export interface PermissionCache {
  ask(identity: Identity, channel: string, act: Act): Verdict | Promise<Verdict>
  /** Calls the hook, bypassing the cache. */
  askNow(identity: Identity, channel: string, act: Act): Verdict | Promise<Verdict>
  /** Clears the cache. Calls in progress are repeated. */
  forget(): void
  /** Changes with each `forget`; verdicts of an earlier generation may be stale. */
  readonly generation: number
}

interface Believed {
  readonly verdict: Verdict
  readonly untilMs: number
}

/**
 * Asks the `permit` hook and believes its answer for a while, per identity and channel. A hook that throws or takes too long refuses that one
 * command and nothing else.
 */
export function createPermissionCache(
  permit: Permit | undefined,
  clock: Clock,
  log: Log,
): PermissionCache {
  if (permit === undefined) return everything
  const hook = permit
  let generation = 0
  // Keyed by the identity itself, so that what is believed of a session goes with it.
  let believed = new WeakMap<Identity, Map<string, Believed>>()

  function believe(identity: Identity, key: string, granted: boolean): Verdict {
    const verdict = granted ? undefined : refuse('DENIED')
    const known = believed.get(identity) ?? new Map<string, Believed>()
    if (known.size >= 1_024) known.clear()
    known.set(key, { verdict, untilMs: clock.monotonicMs() + edgeTimes.permitBelievedMs })
    believed.set(identity, known)
    return verdict
  }

  function blame(error: unknown, channel: string): Refusal {
    log.error({ err: error, channel }, 'the permit hook failed; the command was refused')
    return refuse('INTERNAL')
  }

  function askNow(identity: Identity, channel: string, act: Act): Verdict | Promise<Verdict> {
    const asked = generation
    const key = keyOf(channel, act)
    try {
      const granted = hook(identity, channel, act)
      if (typeof granted === 'boolean') return believe(identity, key, granted)
      return withTimeout(edgeTimes.authMs, Promise.resolve(granted)).then(
        (later) =>
          asked === generation
            ? believe(identity, key, later === true)
            : askNow(identity, channel, act),
        (error: unknown) => blame(error, channel),
      )
    } catch (error) {
      return blame(error, channel)
    }
  }

  return {
    askNow,
    ask(identity, channel, act) {
      const known = believed.get(identity)?.get(keyOf(channel, act))
      if (known !== undefined && known.untilMs > clock.monotonicMs()) return known.verdict
      return askNow(identity, channel, act)
    },
    forget() {
      generation += 1
      believed = new WeakMap()
    },
    get generation() {
      return generation
    },
  }
}

/** Used without a `permit` hook: everything is allowed. */
const everything: PermissionCache = {
  ask: () => undefined,
  askNow: () => undefined,
  forget: () => undefined,
  generation: 0,
}

function keyOf(channel: string, act: Act): string {
  return `${act} ${channel}`
}
