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
  gone(connection: Connection, wasReady: boolean, channels: readonly string[]): void
  /** Publishes and echoes whose answer is awaited. */
  readonly awaited: number
  /** Answers and deliveries so far. */
  readonly heard: number
  /** Nothing more will come: what is awaited is unknown. Gives deliveries that never came, where the server numbers nothing. */
  end(): number
}

export interface TrafficParts {
  readonly now: () => number
  readonly dialect: Dialect
  readonly recorder: Recorder
  readonly witness: Witness
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

interface Spreading {
  readonly intendedMs: number
  remaining: number
}

/** Deliveries that are still followed one by one; older ones are given up on. */
const spreadingMax = 100_000

export function createTraffic(parts: TrafficParts): Traffic {
  const { now, dialect, recorder, witness, prefix, logged, returns } = parts
  const echoes = new Map<number, { readonly intendedMs: number; readonly sentMs: number }>()
  const publishes = new Map<number, Publish>()
  const spreading = new Map<string, Spreading>()
  const members = new Map<string, number>()
  const counts = new Map<number, number>()
  /** By session: what has to be sent again when it is back. */
  const again = new Map<number, Publish[]>()
  let lastNo = 0
  let heard = 0

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
    spreading.set(id, { intendedMs, remaining })
    const [oldest] = spreading.keys()
    if (spreading.size > spreadingMax && oldest !== undefined) spreading.delete(oldest)
  }

  function arrive(id: string): void {
    const one = spreading.get(id)
    if (one === undefined) return
    const tookMs = now() - one.intendedMs
    recorder.record('delivery', tookMs)
    one.remaining -= 1
    if (one.remaining > 0) return
    recorder.record('completion', tookMs)
    spreading.delete(id)
  }

  return {
    get heard() {
      return heard
    },
    get awaited() {
      return echoes.size + publishes.size
    },
    echo(connection, intendedMs) {
      const { no, sentMs } = sent(intendedMs)
      echoes.set(no, { intendedMs, sentMs })
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
      if (echo === undefined) return recorder.count('doubled')
      echoes.delete(no)
      const nowMs = now()
      recorder.record('echo', nowMs - echo.intendedMs)
      recorder.record('service', nowMs - echo.sentMs)
      recorder.count('acknowledged')
    },
    acknowledged(no, offset) {
      heard += 1
      const publish = publishes.get(no)
      if (publish === undefined) return
      publishes.delete(no)
      const atMs = now()
      recorder.record('ack', atMs - publish.intendedMs)
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
    gone(connection, wasReady, channels) {
      if (wasReady)
        for (const channel of channels) members.set(channel, (members.get(channel) ?? 1) - 1)
      for (const [no, publish] of publishes) {
        if (publish.connection !== connection) continue
        publishes.delete(no)
        witnessed(publish, { kind: 'unknown' })
        if (!returns || !logged) continue
        const { session } = connection
        again.set(session, [...(again.get(session) ?? []), publish])
      }
    },
    end() {
      for (const publish of publishes.values()) witnessed(publish, { kind: 'unknown' })
      for (const waiting of again.values())
        for (const publish of waiting) witnessed(publish, { kind: 'unknown' })
      const unanswered = echoes.size
      let undelivered = 0
      if (!logged) {
        for (const { remaining } of spreading.values()) undelivered += remaining
        // Those after which something came are known to be missing already.
        undelivered -= witness.holes((publisher) => counts.has(Number(publisher)))
      }
      publishes.clear()
      echoes.clear()
      again.clear()
      return unanswered + Math.max(0, undelivered)
    },
  }
}
