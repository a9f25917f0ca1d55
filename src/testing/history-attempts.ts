/** One try to publish. The same id may be tried several times. */
export interface Attempt {
  readonly channel: string
  readonly id: string
  /** When it was begun, on the monotonic clock that all attempts share. */
  readonly invokedMs: number
  readonly outcome: AttemptOutcome
}

export type AttemptOutcome =
  | { readonly kind: 'ok'; readonly offset: number; readonly atMs: number }
  /** The server said that it did not keep it. */
  | { readonly kind: 'refused' }
  /** No answer, or the answer that nobody knows. */
  | { readonly kind: 'unknown' }

/** All attempts under one id, as one publish. */
export interface Publish {
  /** `refused` when every attempt was; one unknown is enough to make it `unknown`. */
  readonly state: 'ok' | 'refused' | 'unknown'
  /** Offsets that were acknowledged; more than one is a fault. */
  readonly offsets: ReadonlySet<number>
  /** When the first attempt was begun. */
  readonly invokedMs: number
  /** When it was first acknowledged. */
  readonly okMs: number | undefined
}

/** Gathers attempts by channel and id. */
export function foldAttempts(
  attempts: readonly Attempt[],
): ReadonlyMap<string, ReadonlyMap<string, Publish>> {
  const channels = new Map<string, Map<string, Publish>>()
  for (const attempt of attempts) {
    const publishes = channels.get(attempt.channel) ?? new Map<string, Publish>()
    channels.set(attempt.channel, publishes)
    publishes.set(attempt.id, fold(publishes.get(attempt.id), attempt))
  }
  return channels
}

function fold(before: Publish | undefined, { invokedMs, outcome }: Attempt): Publish {
  const offsets = new Set(before?.offsets)
  if (outcome.kind === 'ok') offsets.add(outcome.offset)
  const okMs = Math.min(before?.okMs ?? Infinity, outcome.kind === 'ok' ? outcome.atMs : Infinity)
  return {
    offsets,
    state: stateOf(before?.state, outcome.kind),
    invokedMs: Math.min(before?.invokedMs ?? Infinity, invokedMs),
    okMs: okMs === Infinity ? undefined : okMs,
  }
}

function stateOf(
  before: Publish['state'] | undefined,
  now: AttemptOutcome['kind'],
): Publish['state'] {
  if (before === 'ok' || now === 'ok') return 'ok'
  return before === 'unknown' || now === 'unknown' ? 'unknown' : 'refused'
}
