import type { StateVector } from '../yjs/document-engine.ts'

/** Clocks of one client id, from the first to the one before `to`. */
export interface ClockRange {
  readonly from: number
  readonly to: number
}

/** By client id: what others than its owner sent under it last, and its owner did not send too. */
export type UnconfirmedRanges = ReadonlyMap<number, ClockRange>

/**
 * Adds a range; it is joined to what is there for its client id. The oldest client id beyond `max`
 * goes.
 */
export function addUnconfirmed(
  ranges: Map<number, ClockRange>,
  client: number,
  { from, to }: ClockRange,
  max: number,
): void {
  const known = ranges.get(client)
  ranges.set(client, { from: known?.from ?? from, to })
  const [oldest] = ranges.keys()
  if (ranges.size > max && oldest !== undefined) ranges.delete(oldest)
}

/**
 * The page that writes under a client id has sent the same: nothing before the end of this is in
 * doubt.
 */
export function confirm(
  ranges: Map<number, ClockRange>,
  client: number,
  { from, to }: ClockRange,
): void {
  const known = ranges.get(client)
  if (known === undefined || from > known.from || to <= known.from) return
  if (to >= known.to) ranges.delete(client)
  else ranges.set(client, { from: to, to: known.to })
}

/**
 * The state vector that asks for these ranges again; undefined where there are none of these client
 * ids.
 */
export function lowered(
  vector: StateVector,
  ranges: UnconfirmedRanges,
  isAsked: (client: number) => boolean,
): StateVector | undefined {
  let lower: Map<number, number> | undefined
  for (const [client, { from }] of ranges) {
    if (!isAsked(client)) continue
    lower ??= new Map(vector)
    if (from === 0) lower.delete(client)
    else lower.set(client, from)
  }
  return lower
}
