import type { ScenarioWorker } from '../scenario/scenario.ts'
import { encodeFrame } from '../wire/frames.ts'
import type { Basis, Wired } from './wired.ts'

/** What a scenario can do in this worker. */
export function createScenarioWorker(basis: Basis, wired: () => Wired): ScenarioWorker {
  const { plan, share, now, random, recorder, ready, arrivals } = basis
  return {
    plan,
    options: plan.scenario.options,
    worker: share.worker,
    workers: share.workers,
    now,
    random,
    ready: ready.all,
    pick: () => ready.pick(random),
    echo: (connection, intendedMs) => wired().traffic.echo(connection, intendedMs),
    publish: (connection, channel, intendedMs, body) =>
      wired().traffic.publish(connection, channel, intendedMs, body),
    join(connection, channel, presence) {
      recorder.count('sent')
      wired().dialect.join?.(connection, channel, presence)
    },
    leave(connection, channel) {
      recorder.count('sent')
      wired().dialect.leave?.(connection, channel)
    },
    record: recorder.record,
    raw(connection, opcode, payload) {
      recorder.count('sent')
      wired().pool.send(connection, encodeFrame(opcode, payload))
    },
    close: (connection) => wired().pool.close(connection),
    reopen(connection, intendedMs) {
      const { session } = connection
      wired().pool.close(connection)
      arrivals.again(session, intendedMs, now())
    },
    slow(connection, slow) {
      connection.slow = slow
      if (slow) connection.socket?.pause()
      else connection.socket?.resume()
    },
  }
}
