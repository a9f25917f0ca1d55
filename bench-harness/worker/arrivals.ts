import type { Turn } from '../control/messages.ts'
import type { Plan } from '../plan/plan.ts'
import { createRandom } from '../plan/random.ts'
import { constantSchedule, poissonSchedule, type Schedule } from '../plan/schedule.ts'
import type { Connection } from './connection.ts'

/** When each of a worker's sessions is due to connect. `onReturn` is told when one will come back: it may be the next. */
export interface Arrivals {
  /** All workers together are to have this many sessions; the new ones come from a moment on. */
  extend(connections: number, atMs: number): void
  /** A session comes back at a moment. */
  again(session: number, atMs: number, droppedMs: number): void
  /** At a moment a session comes back in place of a connection that is there until then. */
  instead(connection: Connection, atMs: number): void
  /** The next that is due by now, or nothing. */
  take(nowMs: number): Arrival | undefined
  /** When the next one is due; Infinity when none is. */
  readonly nextMs: number
  /** How many were due by now and are not taken. */
  overdue(nowMs: number): number
  /** Those that come back and have not been taken. */
  readonly returning: readonly Arrival[]
  /** No new session comes; those that were there before still come back. */
  stop(): void
}

export interface Arrival {
  readonly session: number
  readonly intendedMs: number
  readonly droppedMs?: number
  /** What it takes the place of. */
  readonly replaces?: Connection
}

export function createArrivals(
  plan: Pick<Plan, 'seed' | 'arrivals' | 'arrivalsPerSecond'>,
  {
    worker,
    workers,
    turn = { before: 0, abreast: workers, place: worker },
  }: { readonly worker: number; readonly workers: number; readonly turn?: Turn | undefined },
  onReturn: () => void,
): Arrivals {
  const random = createRandom(plan.seed * 31 + worker)
  const perSecond = plan.arrivalsPerSecond / turn.abreast
  let next = worker
  let end = 0
  let schedule: Schedule | undefined
  /** Sorted by moment; few at a time, but for a storm. */
  const returning: Arrival[] = []
  let sorted = true

  const nextNew = (): number =>
    schedule === undefined || next >= end ? Number.POSITIVE_INFINITY : schedule.next
  const nextReturn = (): number => {
    if (!sorted) returning.sort((a, b) => b.intendedMs - a.intendedMs)
    sorted = true
    return returning.at(-1)?.intendedMs ?? Number.POSITIVE_INFINITY
  }

  function comesBack(arrival: Arrival): void {
    returning.push(arrival)
    sorted = false
    onReturn()
  }

  return {
    extend(connections, atMs) {
      // As many as come to each worker, so that the turns of all follow one another as if there were one.
      const each = Math.max(0, connections - end) / workers
      end = connections
      const fromMs = atMs + (turn.before * each * 1_000) / plan.arrivalsPerSecond
      schedule =
        plan.arrivals === 'poisson'
          ? poissonSchedule(fromMs, perSecond, random)
          : constantSchedule(fromMs + (turn.place * 1_000) / plan.arrivalsPerSecond, perSecond)
    },
    again: (session, intendedMs, droppedMs) => comesBack({ session, intendedMs, droppedMs }),
    instead: (connection, intendedMs) =>
      comesBack({ session: connection.session, intendedMs, replaces: connection }),
    take(nowMs) {
      if (nextReturn() <= nowMs) return returning.pop()
      if (nextNew() > nowMs) return undefined
      const arrival = { session: next, intendedMs: nextNew() }
      schedule?.take()
      next += workers
      return arrival
    },
    get nextMs() {
      return Math.min(nextNew(), nextReturn())
    },
    overdue(nowMs) {
      // The pump takes what is due before anybody asks; what is left are returns of this very moment.
      return returning.filter(({ intendedMs }) => intendedMs <= nowMs).length
    },
    get returning() {
      return returning
    },
    stop() {
      end = 0
    },
  }
}
