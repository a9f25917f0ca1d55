import { defineScenario } from './scenario.ts'

/** One channel with everybody in it. */
export const broadcast = defineScenario({
  name: 'broadcast',
  says: 'one channel, everybody in it; time to each member and to the last',
  dialects: ['rusher', 'socket.io', 'plain'],
  headline: 'completion',
  options: { rate: { default: 1, says: 'messages a second into the channel' } },
  rateOf: ({ rate = 1 }) => rate,
  start(worker) {
    const channel = `chat:b${worker.plan.run}-all`
    return {
      returns: worker.plan.target.dialect === 'rusher',
      channelsOf: () => [{ channel }],
      send(intendedMs) {
        const connection = worker.pick()
        if (connection !== undefined) worker.publish(connection, channel, intendedMs)
      },
    }
  },
})
