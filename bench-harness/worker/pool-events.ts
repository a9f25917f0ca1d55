import type { FailureExample } from '../control/messages.ts'
import type { Cause } from '../ledger/ledger.ts'
import type { PoolEvents } from './pool.ts'
import { type Basis, channelsOf, type Wired } from './wired.ts'

/** Raw examples of each cause that are kept. */
const examplesMax = 5
/** How long a lost session waits before it comes back: at least, and up to. */
const returnAfterMs = [100, 1_000] as const

/** What the pool tells goes to whom it concerns; sessions that were lost come back, where the scenario wants it. */
export function createPoolEvents(
  basis: Basis,
  wired: () => Wired,
  parts: {
    readonly example: (example: FailureExample) => void
    readonly wallMs: () => number
    /** Nobody comes back any more. */
    readonly isEnding: () => boolean
  },
): PoolEvents {
  const { now, random, ready, recorder, arrivals } = basis
  const examples = new Map<Cause, number>()
  return {
    opened: (connection) => wired().dialect.opened(connection),
    message(connection, opcode, payload) {
      const { part, dialect } = wired()
      if (part.heard?.(connection, payload) !== true) dialect.message(connection, opcode, payload)
    },
    took: (kind, ms) => recorder.record(kind, ms),
    failed(cause, connection, raw) {
      const seen = examples.get(cause) ?? 0
      examples.set(cause, seen + 1)
      if (seen >= examplesMax) return
      const { host, port } = connection.destination
      const { localAddress, localPort } = connection.socket ?? {}
      const from = localAddress === undefined ? {} : { from: `${localAddress}:${localPort}` }
      parts.example({ cause, wallMs: parts.wallMs(), to: `${host}:${port}`, raw, ...from })
    },
    gone(connection, was, cause) {
      const { traffic, part } = wired()
      const wasReady = ready.delete(connection)
      traffic.gone(connection, wasReady, wasReady ? channelsOf(wired(), connection) : [])
      part.gone?.(connection)
      const comesBack = part.returns === true && cause !== undefined && !parts.isEnding()
      if (!comesBack || (was !== 'ready' && connection.droppedMs === undefined)) return
      const [least, most] = returnAfterMs
      const droppedMs = connection.droppedMs ?? now()
      arrivals.again(connection.session, now() + least + random() * (most - least), droppedMs)
    },
  }
}
