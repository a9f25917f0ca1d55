import { createRooms } from './rooms.ts'
import { defineScenario } from './scenario.ts'

/** Members come and go, and the others of the room are told. */
export const presence = defineScenario({
  name: 'presence',
  says: 'members leave a room and join it again; time until the others are told who came',
  dialects: ['rusher'],
  headline: 'delivery',
  options: {
    members: { default: 20, says: 'sessions in a room' },
    rate: { default: 20, says: 'comings and goings a second, all rooms together' },
  },
  rateOf: ({ rate = 20 }) => rate,
  start(worker) {
    const { members = 20 } = worker.options
    const rooms = createRooms(worker, members)
    const away = new Set<number>()
    /** When somebody was to come, by who they are. */
    const coming = new Map<string, number>()
    return {
      channelsOf: (session) => [{ channel: rooms.roomOf(session), presence: true }],
      gone: ({ session }) => void away.delete(session),
      send(intendedMs) {
        const connection = worker.pick()
        if (connection === undefined) return
        const { session } = connection
        const room = rooms.roomOf(session)
        if (away.delete(session)) {
          coming.set(`${worker.plan.run}-${session}`, intendedMs)
          worker.join(connection, room, true)
        } else {
          away.add(session)
          worker.leave(connection, room)
        }
      },
      presence(connection, _channel, joined) {
        for (const user of joined) {
          const intendedMs = coming.get(user)
          if (intendedMs !== undefined && user !== `${worker.plan.run}-${connection.session}`)
            worker.record('delivery', worker.now() - intendedMs)
        }
      },
    }
  },
})
