import { chatOptions, chatting } from './chat.ts'
import { type Act, defineScenario } from './scenario.ts'

const kill: Act = { at: 1 / 3, by: 'server', act: 'kill' }
const drain: Act = { at: 2 / 3, by: 'server', act: 'drain' }

/** The server is killed, and later drained, under load. */
export const restart = defineScenario({
  name: 'restart',
  says: 'the server is killed with SIGKILL, and later drained, under load; nothing may be lost',
  dialects: ['rusher'],
  headline: 'reconnect',
  options: chatOptions,
  rateOf: ({ rate = 0.1 }, connections) => rate * connections,
  acts: [kill, drain],
  start: chatting,
})
