import * as Y from 'yjs'
import type { Connection } from '../worker/connection.ts'
import { createRooms } from './rooms.ts'
import { defineScenario } from './scenario.ts'

interface Edit {
  readonly channel: string
  readonly client: number
  /** Clock that a copy has to come to. */
  readonly clock: number
  readonly intendedMs: number
  readonly waiting: Set<Connection>
}

/** Documents in which everybody writes. Each session has a copy of its own, as a browser would. */
export const document = defineScenario({
  name: 'document',
  says: 'stock Yjs frames: edits, and the time until every copy has them',
  dialects: ['hocuspocus'],
  headline: 'convergence',
  options: {
    members: { default: 5, says: 'sessions that edit one document' },
    rate: { default: 0.2, says: 'edits a second of each session' },
  },
  rateOf: ({ rate = 0.2 }, connections) => rate * connections,
  start(worker) {
    const { members = 5 } = worker.options
    const rooms = createRooms(worker, members)
    const copies = new Map<Connection, Y.Doc>()
    const rest = new Map<string, Set<Connection>>()
    const edits = new Map<string, Edit[]>()

    function settle(connection: Connection, channel: string, doc: Y.Doc): void {
      const open = edits.get(channel)
      if (open === undefined) return
      for (const edit of open)
        if (edit.waiting.has(connection) && Y.getState(doc.store, edit.client) >= edit.clock) {
          edit.waiting.delete(connection)
          if (edit.waiting.size === 0) worker.record('convergence', worker.now() - edit.intendedMs)
        }
      edits.set(
        channel,
        open.filter(({ waiting }) => waiting.size > 0),
      )
    }

    return {
      channelsOf: (session) => [{ channel: rooms.roomOf(session) }],
      ready(connection) {
        const channel = rooms.roomOf(connection.session)
        const members = rest.get(channel) ?? new Set()
        rest.set(channel, members.add(connection))
        if (!copies.has(connection)) copies.set(connection, new Y.Doc())
      },
      gone(connection) {
        copies.delete(connection)
        rest.get(rooms.roomOf(connection.session))?.delete(connection)
        for (const edit of edits.get(rooms.roomOf(connection.session)) ?? [])
          edit.waiting.delete(connection)
      },
      send(intendedMs) {
        const connection = worker.pick()
        const doc = connection && copies.get(connection)
        if (connection === undefined || doc === undefined) return
        const channel = rooms.roomOf(connection.session)
        const before = Y.encodeStateVector(doc)
        const text = doc.getText('t')
        text.insert(Math.floor(worker.random() * (text.length + 1)), 'a')
        const clock = Y.getState(doc.store, doc.clientID)
        const waiting = new Set([...(rest.get(channel) ?? [])].filter((one) => one !== connection))
        const open = edits.get(channel) ?? []
        if (waiting.size > 0)
          edits.set(channel, [
            ...open,
            { channel, client: doc.clientID, clock, intendedMs, waiting },
          ])
        worker.publish(connection, channel, intendedMs, Y.encodeStateAsUpdate(doc, before))
      },
      delivered(connection, { channel, body }) {
        if (typeof body === 'string') return
        const doc = copies.get(connection) ?? new Y.Doc()
        copies.set(connection, doc)
        Y.applyUpdate(doc, body)
        settle(connection, channel, doc)
      },
      finish() {
        return [...rest].flatMap(([channel, connections]) => {
          const texts = new Set(
            [...connections].map((one) => String(copies.get(one)?.getText('t'))),
          )
          return texts.size > 1 ? [`${channel}: ${texts.size} different texts at the end`] : []
        })
      },
    }
  },
})
