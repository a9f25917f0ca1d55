import { chatOptions, chatting } from './chat.ts'
import { defineScenario } from './scenario.ts'

/** Many are cut off at once, and come back at once. */
export const storm = defineScenario({
  name: 'storm',
  says: 'a share of the sessions is cut off at once and comes back, until all are; nobody may miss a message',
  dialects: ['rusher', 'socket.io'],
  headline: 'reconnect',
  options: {
    ...chatOptions,
    share: { default: 0.5, says: 'share of the sessions that is cut off' },
    spread: { default: 0, says: 'seconds over which they come back; 0: all at once' },
  },
  rateOf: ({ rate = 0.1 }, connections) => rate * connections,
  acts: [{ at: 1 / 3, by: 'workers', act: 'storm' }],
  start(worker) {
    const { share = 0.5, spread = 0 } = worker.options
    return {
      ...chatting(worker),
      act() {
        const cut = worker.ready.filter(() => worker.random() < share)
        const nowMs = worker.now()
        for (const connection of cut)
          worker.reopen(connection, nowMs + worker.random() * spread * 1_000)
      },
    }
  },
})
