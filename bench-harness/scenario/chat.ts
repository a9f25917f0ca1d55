import { createRooms } from './rooms.ts'
import { defineScenario, type ScenarioPart, type ScenarioWorker } from './scenario.ts'

/** What `chat` does; other scenarios do the same and something else. */
export function chatting(worker: ScenarioWorker): ScenarioPart & { readonly returns: boolean } {
  const { members = 10 } = worker.options
  const rooms = createRooms(worker, members)
  return {
    returns: worker.plan.target.dialect === 'rusher',
    channelsOf: (session) => [{ channel: rooms.roomOf(session) }],
    send(intendedMs) {
      const connection = worker.pick()
      if (connection !== undefined)
        worker.publish(connection, rooms.roomOfConnection(connection), intendedMs)
    },
  }
}

export const chatOptions = {
  members: { default: 10, says: 'sessions in a room' },
  rate: { default: 0.1, says: 'messages a second of each session' },
} as const

/** Rooms in which everybody speaks now and then. */
export const chat = defineScenario({
  name: 'chat',
  says: 'rooms of some members who publish; loss, order and duplicates are checked',
  dialects: ['rusher', 'socket.io'],
  headline: 'delivery',
  options: chatOptions,
  rateOf: ({ rate = 0.1 }, connections) => rate * connections,
  start: chatting,
})
