import { chatOptions, chatting } from './chat.ts'
import { defineScenario } from './scenario.ts'

/** Some members of a busy room stop reading for a while. What counts is what the others notice. */
export const slowReaders = defineScenario({
  name: 'slow-readers',
  says: 'a share of the members stops reading for a while; the latency is that of the others',
  dialects: ['rusher', 'socket.io'],
  headline: 'delivery',
  options: {
    ...chatOptions,
    share: { default: 0.05, says: 'share of the sessions that stops reading' },
  },
  rateOf: ({ rate = 0.1 }, connections) => rate * connections,
  acts: [
    { at: 1 / 4, by: 'workers', act: 'stop' },
    { at: 3 / 4, by: 'workers', act: 'go on' },
  ],
  start(worker) {
    const { share = 0.05 } = worker.options
    return {
      ...chatting(worker),
      act(act) {
        for (const connection of worker.ready)
          if (act === 'go on') worker.slow(connection, false)
          else if (worker.random() < share) worker.slow(connection, true)
      },
    }
  },
})
