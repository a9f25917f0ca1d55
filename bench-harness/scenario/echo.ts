import { defineScenario } from './scenario.ts'

/** One message, one answer, nothing kept. Against Rusher it is the protocol's `ping`. */
export const echo = defineScenario({
  name: 'echo',
  says: 'one message and its answer, from a session chosen by chance; nothing is kept',
  dialects: ['rusher', 'plain', 'socket.io'],
  headline: 'echo',
  options: { rate: { default: 100, says: 'messages a second, all sessions together' } },
  rateOf: ({ rate = 100 }) => rate,
  start(worker) {
    return {
      channelsOf: () => [],
      send(intendedMs) {
        const connection = worker.pick()
        if (connection !== undefined) worker.echo(connection, intendedMs)
      },
    }
  },
})
