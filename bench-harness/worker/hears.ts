import type { Entry, Hears } from '../dialect/dialect.ts'
import type { Connection } from './connection.ts'
import { type Basis, channelsOf, type Wired } from './wired.ts'

/** What the dialect tells goes to whom it concerns. */
export function createHears(basis: Basis, wired: () => Wired): Hears {
  const { now, ready, recorder, witness, arrivals } = basis

  function entryOf({ session }: Connection): Entry {
    const channels = wired()
      .part.channelsOf(session)
      .map((one) => {
        const since = witness.since(session, one.channel)
        return since === undefined ? one : { ...one, since }
      })
    return { user: basis.userOf(session), channels }
  }

  return {
    entryOf,
    tokenOf: ({ session }) => basis.tokenOf(session),
    ready(connection) {
      const { pool, part, traffic } = wired()
      pool.ready(connection)
      if (connection.stage !== 'ready') return
      ready.add(connection)
      if (connection.droppedMs !== undefined)
        recorder.record('reconnect', connection.stageMs - connection.droppedMs)
      part.ready?.(connection)
      traffic.entered(connection, channelsOf(wired(), connection))
    },
    refusedEntry: (connection, raw) => wired().pool.fail(connection, 'refused_by_server', raw),
    broken: (connection, raw) => wired().pool.fail(connection, 'protocol', raw),
    drained(connection, afterMs) {
      if (wired().part.returns !== true || connection.stage !== 'ready') return
      // It goes on until it is its turn, as a client does.
      arrivals.instead(connection, now() + afterMs)
    },
    asked: () => recorder.gaveSign(),
    echoed: (_connection, no) => wired().traffic.echoed(no),
    joined({ session }, joined) {
      // Who does not go on where it was has nothing to be held against.
      if (wired().part.returns === true) witness.joined(session, joined)
    },
    acknowledged: (_connection, no, offset) => wired().traffic.acknowledged(no, offset),
    refused: (_connection, no, _code, retry) => wired().traffic.refused(no, retry),
    delivered(connection, delivery) {
      const { traffic, part } = wired()
      traffic.delivered(connection, delivery)
      part.delivered?.(connection, delivery)
    },
    gap: ({ session }, channel, from, to) => witness.gap(session, channel, from, to),
    presence: (connection, channel, joined) => wired().part.presence?.(connection, channel, joined),
  }
}
