import { seed2018 } from '../tsung/seed-2018.ts'
import { defineScenario } from './scenario.ts'
import { playing } from './script.ts'

/** Rusher's first benchmark again: each user connects, says one thing, and stays. */
export const seed2018Scenario = defineScenario({
  name: 'seed-2018',
  says: "the benchmark of 2018: connect, one message, then idle; beside Tsung's users and connected",
  dialects: ['plain'],
  path: '/rusher',
  headline: 'echo',
  options: {},
  start: (worker) => playing(worker, seed2018()),
})
