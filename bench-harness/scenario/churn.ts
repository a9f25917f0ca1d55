import { chatOptions, chatting } from './chat.ts'
import { defineScenario } from './scenario.ts'

/** Sessions that come and go while others talk. */
export const churn = defineScenario({
  name: 'churn',
  says: 'each second a share of the sessions goes and comes back, while the rooms go on',
  dialects: ['rusher', 'socket.io'],
  headline: 'ready',
  options: {
    ...chatOptions,
    share: { default: 0.02, says: 'share of the sessions that goes each second' },
  },
  rateOf: ({ rate = 0.1 }, connections) => rate * connections,
  start(worker) {
    const { share = 0.02 } = worker.options
    return {
      ...chatting(worker),
      second() {
        const going = Math.round(worker.ready.length * share)
        const startMs = worker.now()
        // Spread over the second: all at once is what `storm` does.
        for (let no = 0; no < going; no += 1) {
          const connection = worker.pick()
          if (connection !== undefined)
            worker.reopen(connection, startMs + (no * 1_000) / Math.max(1, going))
        }
      },
    }
  },
})
