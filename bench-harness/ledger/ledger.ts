/** The stages of a connection, in order. `ready`: the server has said hello and every join was acknowledged. */
export const stages = ['waiting', 'socket', 'tcp', 'ws', 'ready', 'closing'] as const
export type Stage = (typeof stages)[number]

/** What ended a connection that nobody had asked to end. A closed set: `http_<status>` and `closed_<code>` carry their number. */
export type Cause =
  | 'src_ports'
  | 'emfile'
  | 'enfile'
  | 'refused'
  | 'unreachable'
  | 'reset_before_upgrade'
  | 'connect_timeout'
  | 'upgrade_timeout'
  | 'ready_timeout'
  | 'idle_timeout'
  | 'bad_accept'
  | 'tls'
  | 'dns'
  | 'protocol'
  | 'refused_by_server'
  | 'enobufs'
  | 'enomem'
  | 'reset'
  | 'worker_died'
  | 'other'
  | `http_${number}`
  | `closed_${number}`

/**
 * Where every connection attempt is that was due so far. Each is in exactly one place, so that
 * `scheduled = sum of now + closed + sum of failed` at every moment; `balanceOf` says whether that holds.
 */
export interface Ledger {
  readonly scheduled: number
  /** Attempts that ever came to a stage. */
  readonly reached: { readonly [stage in 'socket' | 'tcp' | 'ws' | 'ready']: number }
  /** Attempts that are in a stage now. */
  readonly now: { readonly [stage in Stage]: number }
  /** Ready ones that were heard from within the last keepalive interval. */
  readonly alive: number
  /** Ended as they were asked to. */
  readonly closed: number
  /** Ended otherwise, by cause; those that had been ready are among them. */
  readonly failed: Readonly<Partial<Record<Cause, number>>>
  /** Of the failed ones, those that had been ready. */
  readonly lost: number
}

export const emptyLedger: Ledger = {
  scheduled: 0,
  reached: { socket: 0, tcp: 0, ws: 0, ready: 0 },
  now: { waiting: 0, socket: 0, tcp: 0, ws: 0, ready: 0, closing: 0 },
  alive: 0,
  closed: 0,
  failed: {},
  lost: 0,
}

export function addLedgers(a: Ledger, b: Ledger): Ledger {
  const failed = { ...a.failed }
  for (const [cause, count] of Object.entries(b.failed) as [Cause, number][])
    failed[cause] = (failed[cause] ?? 0) + count
  return {
    scheduled: a.scheduled + b.scheduled,
    reached: addFields(a.reached, b.reached),
    now: addFields(a.now, b.now),
    alive: a.alive + b.alive,
    closed: a.closed + b.closed,
    failed,
    lost: a.lost + b.lost,
  }
}

export function failuresOf({ failed }: Pick<Ledger, 'failed'>): number {
  return Object.values(failed).reduce<number>((sum, count) => sum + (count ?? 0), 0)
}

/** By how many attempts the books are off: 0 when each is in exactly one place. */
export function imbalanceOf(ledger: Ledger): number {
  const now = Object.values(ledger.now).reduce((sum, count) => sum + count, 0)
  return ledger.scheduled - now - ledger.closed - failuresOf(ledger)
}

/**
 * The books of workers that died: what they had under way is failed with `worker_died`, so that the sum still balances.
 */
export function ledgerOfDead(last: Ledger): Ledger {
  const underWay = Object.values(last.now).reduce((sum, count) => sum + count, 0)
  if (underWay === 0) return last
  return {
    ...last,
    now: emptyLedger.now,
    alive: 0,
    failed: { ...last.failed, worker_died: (last.failed.worker_died ?? 0) + underWay },
    lost: last.lost + last.now.ready + last.now.closing,
  }
}

function addFields<Key extends string>(
  a: Readonly<Record<Key, number>>,
  b: Readonly<Record<Key, number>>,
): Record<Key, number> {
  const keys = Object.keys(a) as Key[]
  return Object.fromEntries(keys.map((key) => [key, a[key] + b[key]])) as Record<Key, number>
}
