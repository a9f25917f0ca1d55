import type { LatencyKind } from '../control/messages.ts'
import type { Delivery, Dialect } from '../dialect/dialect.ts'
import type { Connection } from './connection.ts'
import type { Recorder } from './recorder.ts'
import type { Witness } from './witness.ts'

/** Messages on their way: from the moment they were due until everybody of this worker has them. */
export interface Traffic {
  echo(connection: Connection, intendedMs: number): void
  publish(connection: Connection, channel: string, intendedMs: number, body?: Uint8Array): void
  echoed(no: number): void
  acknowledged(no: number, offset: number | undefined): void
  refused(no: number, retry: boolean): void
  delivered(connection: Connection, delivery: Delivery): void
  /** A session is ready: what it had not heard of before is sent again. */
  entered(connection: Connection, channels: readonly string[]): void
  gone(connection: Connection, how: Gone): void
  /**
   * Publishes and echoes whose answer is awaited, and messages that have not come to everybody of
   * this worker.
   */
  readonly awaited: number
  /** Answers and deliveries so far. */
  readonly heard: number
  /** The longest that an answer or a delivery took so far. */
  readonly longestMs: number
  /**
   * Nothing more will come. What was sent and not answered, and what was not delivered, is counted,
   * and its wait until now is recorded as a lower bound.
   */
  end(): void
}

/**
 * How a connection ended: whether it had been ready, in which channels, and whether we closed it.
 */
export interface Gone {
  readonly wasReady: boolean
  readonly asked: boolean
  readonly channels: readonly string[]
}

export interface TrafficParts {
  readonly now: () => number
  readonly dialect: Pick<Dialect, 'echo' | 'publish'>
  readonly recorder: Pick<Recorder, 'record' | 'recordOpen' | 'count'>
  readonly witness: Pick<Witness, 'invoked' | 'delivered' | 'counted' | 'holes'>
  readonly prefix: string
  /** True: the server numbers what it keeps, and sessions come back for what they missed. */
  readonly logged: boolean
  /** A lost session comes back. */
  readonly returns: boolean
}

interface Publish {
  readonly id: string
  readonly channel: string
  readonly body: string | Uint8Array
  readonly intendedMs: number
  /** When this attempt was sent. */
  readonly sentMs: number
  readonly connection: Connection
}

interface Echo {
  readonly intendedMs: number
  readonly sentMs: number
  readonly connection: Connection
}

interface Spreading {
  readonly intendedMs: number
  readonly channel: string
  remaining: number
}

/** Deliveries that are still followed one by one; older ones are given up on. */
const spreadingMax = 100_000

export function createTraffic(parts: TrafficParts): Traffic {
  const { now, dialect, recorder, witness, prefix, logged, returns } = parts
  const echoes = new Map<number, Echo>()
  const publishes = new Map<number, Publish>()
  const spreading = new Map<string, Spreading>()
  const members = new Map<string, number>()
  const counts = new Map<number, number>()
  /** By session: what has to be sent again when it is back. */
  const again = new Map<number, Publish[]>()
  /** Those whose connection was lost: no answer can come any more. */
  const lost = { echoes: [] as Echo[], publishes: [] as Publish[] }
  let lastNo = 0
  let heard = 0
  let longestMs = 0

  function took(kind: LatencyKind, ms: number): void {
    recorder.record(kind, ms)
    if (ms > longestMs) longestMs = ms
  }

  function sent(intendedMs: number): { no: number; sentMs: number } {
    lastNo += 1
    const sentMs = now()
    recorder.record('lag', sentMs - intendedMs)
    recorder.count('sent')
    return { no: lastNo, sentMs }
  }

  function send(publish: Publish, no: number): void {
    publishes.set(no, publish)
    const { connection, channel, id, body } = publish
    dialect.publish?.(connection, { no, channel, id, body })
  }

  function witnessed(
    publish: Publish,
    outcome: Parameters<Witness['invoked']>[0]['outcome'],
  ): void {
    if (!logged) return
    const { channel, id, sentMs } = publish
    witness.invoked({ channel, id, invokedMs: sentMs, outcome })
  }

  function follow(id: string, channel: string, intendedMs: number): void {
    const remaining = members.get(channel) ?? 0
    if (remaining === 0) return
    spreading.set(id, { intendedMs, channel, remaining })
    const [oldest] = spreading.keys()
    if (spreading.size > spreadingMax && oldest !== undefined) spreading.delete(oldest)
  }

  function arrive(id: string): void {
    const one = spreading.get(id)
    if (one === undefined) return
    const tookMs = now() - one.intendedMs
    took('delivery', tookMs)
    one.remaining -= 1
    if (one.remaining > 0) return
    recorder.record('completion', tookMs)
    spreading.delete(id)
  }

  function goneEchoes(connection: Connection, asked: boolean): void {
    for (const [no, echo] of echoes) {
      if (echo.connection !== connection) continue
      echoes.delete(no)
      // Who closes a connection does not wait for its answers.
      if (!asked) lost.echoes.push(echo)
    }
  }

  function gonePublishes(connection: Connection, asked: boolean): void {
    for (const [no, publish] of publishes) {
      if (publish.connection !== connection) continue
      publishes.delete(no)
      witnessed(publish, { kind: 'unknown' })
      if (returns && logged) {
        const { session } = connection
        again.set(session, [...(again.get(session) ?? []), publish])
      } else if (!asked) lost.publishes.push(publish)
    }
  }

  /**
   * A member that left of its own will not get what is on its way, where nothing is sent after it.
   */
  function forgetDeliveries(channels: readonly string[]): void {
    for (const [id, { channel }] of spreading) if (channels.includes(channel)) spreading.delete(id)
  }

  function unanswered(
    kind: 'echo' | 'ack',
    { intendedMs, sentMs }: Pick<Echo, 'intendedMs' | 'sentMs'>,
    endMs: number,
  ): void {
    recorder.count('unanswered')
    recorder.recordOpen(kind, endMs - intendedMs)
    recorder.recordOpen('service', endMs - sentMs)
  }

  /**
   * Records what has not come to everybody. Gives the deliveries that never came of messages that
   * were not left unanswered.
   */
  function endDeliveries(unansweredIds: ReadonlySet<string>, endMs: number): number {
    let undelivered = 0
    for (const [id, { intendedMs, remaining }] of spreading) {
      recorder.recordOpen('delivery', endMs - intendedMs, remaining)
      recorder.recordOpen('completion', endMs - intendedMs)
      if (!unansweredIds.has(id)) undelivered += remaining
    }
    // Those after which something came are known to be missing already.
    const known = logged ? 0 : witness.holes((publisher) => counts.has(Number(publisher)))
    return Math.max(0, undelivered - known)
  }

  return {
    get heard() {
      return heard
    },
    get awaited() {
      return echoes.size + publishes.size + spreading.size
    },
    get longestMs() {
      return longestMs
    },
    echo(connection, intendedMs) {
      const { no, sentMs } = sent(intendedMs)
      echoes.set(no, { intendedMs, sentMs, connection })
      dialect.echo?.(connection, no, 'x'.repeat(16))
    },
    publish(connection, channel, intendedMs, body) {
      const { no, sentMs } = sent(intendedMs)
      const { session } = connection
      const count = (counts.get(session) ?? 0) + 1
      counts.set(session, count)
      const id = `${prefix}-${no}`
      const publish = {
        id,
        channel,
        body: body ?? `${id} ${session} ${count}`,
        intendedMs,
        sentMs,
        connection,
      }
      if (body === undefined) follow(id, channel, intendedMs)
      send(publish, no)
      // Nothing will say that it was kept.
      if (!logged && body === undefined) publishes.delete(no)
    },
    echoed(no) {
      heard += 1
      const echo = echoes.get(no)
      if (echo === undefined) return recorder.count('duplicated')
      echoes.delete(no)
      const nowMs = now()
      took('echo', nowMs - echo.intendedMs)
      recorder.record('service', nowMs - echo.sentMs)
      recorder.count('acknowledged')
    },
    acknowledged(no, offset) {
      heard += 1
      const publish = publishes.get(no)
      if (publish === undefined) return
      publishes.delete(no)
      const atMs = now()
      took('ack', atMs - publish.intendedMs)
      recorder.record('service', atMs - publish.sentMs)
      recorder.count('acknowledged')
      if (offset !== undefined) witnessed(publish, { kind: 'ok', offset, atMs })
    },
    refused(no, _retry) {
      const publish = publishes.get(no)
      echoes.delete(no)
      recorder.count('refused')
      if (publish === undefined) return
      publishes.delete(no)
      spreading.delete(publish.id)
      witnessed(publish, { kind: 'refused' })
    },
    delivered({ session }, { body, offset, id, channel }) {
      heard += 1
      recorder.count('delivered')
      if (offset !== undefined) witness.delivered(session, channel, offset, id)
      if (typeof body !== 'string') return
      const [sentId = '', publisher = '', count = ''] = body.split(' ')
      if (offset === undefined) witness.counted(session, publisher, Number(count))
      arrive(sentId)
    },
    entered(connection, channels) {
      for (const channel of channels) members.set(channel, (members.get(channel) ?? 0) + 1)
      const waiting = again.get(connection.session)
      if (waiting === undefined) return
      again.delete(connection.session)
      for (const publish of waiting) {
        lastNo += 1
        send({ ...publish, connection, sentMs: now() }, lastNo)
      }
    },
    gone(connection, { wasReady, asked, channels }) {
      if (wasReady)
        for (const channel of channels) members.set(channel, (members.get(channel) ?? 1) - 1)
      goneEchoes(connection, asked)
      gonePublishes(connection, asked)
      if (wasReady && asked && !logged) forgetDeliveries(channels)
    },
    end() {
      const endMs = now()
      const toSendAgain = [...again.values()].flat()
      for (const publish of publishes.values()) witnessed(publish, { kind: 'unknown' })
      for (const publish of toSendAgain) witnessed(publish, { kind: 'unknown' })
      for (const echo of [...echoes.values(), ...lost.echoes]) unanswered('echo', echo, endMs)
      const open = [...publishes.values(), ...toSendAgain, ...lost.publishes]
      for (const publish of open) unanswered('ack', publish, endMs)
      const undelivered = endDeliveries(new Set(open.map(({ id }) => id)), endMs)
      if (undelivered > 0) recorder.count('undelivered', undelivered)
      publishes.clear()
      echoes.clear()
      again.clear()
      spreading.clear()
    },
  }
}
