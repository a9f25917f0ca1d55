import { backoffMs } from '../../src/client/backoff.ts'
import type { FailureExample } from '../control/messages.ts'
import type { Dialect } from '../dialect/dialect.ts'
import type { Cause, Stage } from '../ledger/ledger.ts'
import type { Arrivals } from './arrivals.ts'
import type { Connection } from './connection.ts'
import type { PoolEvents } from './pool.ts'
import type { Recorder } from './recorder.ts'
import type { Traffic } from './traffic.ts'
import { type Basis, channelsOf, type Wired } from './wired.ts'

/** Raw examples of each cause that are kept. */
const examplesMax = 5
/** How long a lost session waits before it comes back: at least, and up to. */
const returnAfterMs = [100, 1_000] as const
/** `Retry-After` is in whole seconds: those who have the same are spread over one. */
const retrySpreadMs = 1_000

/** What an attempt in a stage still waits for. */
export const notReachedFrom: Readonly<
  Partial<Record<Stage, readonly ('tcp' | 'upgrade' | 'ready')[]>>
> = {
  waiting: ['tcp', 'upgrade', 'ready'],
  socket: ['tcp', 'upgrade', 'ready'],
  tcp: ['upgrade', 'ready'],
  ws: ['ready'],
}

/** Causes of an attempt whose time was over: what it waited for took as long as that, or longer. */
const timeouts: ReadonlySet<Cause> = new Set([
  'connect_timeout',
  'upgrade_timeout',
  'ready_timeout',
])

/**
 * What the pool tells goes to whom it concerns. Sessions that were lost come back, where the scenario wants it. One whose return fails tries
 * again until it is back, as Rusher's client does: when the server says, else after a wait that doubles. Each is an attempt of its own in
 * the books, and the time back runs from the loss.
 */
export function createPoolEvents(
  basis: Pick<Basis, 'now' | 'random' | 'ready'> & {
    readonly recorder: Pick<Recorder, 'record' | 'recordOpen'>
    readonly arrivals: Pick<Arrivals, 'again'>
  },
  wired: () => Pick<Wired, 'part'> & {
    readonly dialect: Pick<Dialect, 'offers' | 'opened' | 'message'>
    readonly traffic: Pick<Traffic, 'gone'>
  },
  parts: {
    readonly example: (example: FailureExample) => void
    readonly wallMs: () => number
    /** Nobody comes back any more. */
    readonly isEnding: () => boolean
  },
): PoolEvents {
  const { now, random, ready, recorder, arrivals } = basis
  const examples = new Map<Cause, number>()
  /** Failed returns in a row, by session. */
  const failures = new Map<number, number>()

  function comesBack(connection: Connection, waitMs: number, droppedMs: number): void {
    arrivals.again(connection.session, now() + waitMs, droppedMs)
  }

  /** How long a session waits whose return has failed. */
  function waitOf({ session, retryAfterMs }: Connection): number {
    const failed = (failures.get(session) ?? 0) + 1
    failures.set(session, failed)
    return retryAfterMs === undefined
      ? backoffMs(failed, random)
      : retryAfterMs + random() * retrySpreadMs
  }

  return {
    offers: (connection) => wired().dialect.offers?.(connection),
    opened: (connection, protocol) => wired().dialect.opened(connection, protocol),
    message(connection, opcode, payload) {
      const { part, dialect } = wired()
      if (part.heard?.(connection, payload) !== true) dialect.message(connection, opcode, payload)
    },
    took: (kind, ms) => recorder.record(kind, ms),
    failed(cause, connection, raw) {
      if (timeouts.has(cause))
        for (const kind of notReachedFrom[connection.stage] ?? [])
          recorder.recordOpen(kind, now() - connection.intendedMs)
      const seen = examples.get(cause) ?? 0
      examples.set(cause, seen + 1)
      if (seen >= examplesMax) return
      const { host, port } = connection.destination
      const { localAddress, localPort } = connection.socket ?? {}
      const from = localAddress === undefined ? {} : { from: `${localAddress}:${localPort}` }
      parts.example({ cause, wallMs: parts.wallMs(), to: `${host}:${port}`, raw, ...from })
    },
    gone(connection, _was, cause) {
      const { traffic, part } = wired()
      const wasReady = ready.delete(connection)
      traffic.gone(connection, {
        wasReady,
        asked: cause === undefined,
        channels: wasReady ? channelsOf(wired(), connection) : [],
      })
      part.gone?.(connection)
      if (wasReady) failures.delete(connection.session)
      if (cause === undefined || parts.isEnding()) return
      if (wasReady) {
        const [least, most] = returnAfterMs
        if (part.returns === true) comesBack(connection, least + random() * (most - least), now())
      } else if (connection.droppedMs !== undefined) {
        comesBack(connection, waitOf(connection), connection.droppedMs)
      }
    },
  }
}
