import { chatOptions, chatting } from './chat.ts'
import { defineScenario } from './scenario.ts'

/** The server gets new edge processes under load. */
export const rolling = defineScenario({
  name: 'rolling',
  says: 'all edges are replaced under load; nothing may be lost or duplicated',
  dialects: ['rusher'],
  headline: 'reconnect',
  options: chatOptions,
  rateOf: ({ rate = 0.1 }, connections) => rate * connections,
  acts: [{ at: 1 / 4, by: 'server', act: 'roll' }],
  edgesLeast: 2,
  start: chatting,
})
