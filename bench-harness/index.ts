/** The door for scenarios of one's own, `rusher/bench`: `rusher bench --scenario ./mine.ts` runs what it makes. */
export type { LatencyKind } from './control/messages.ts'
export type { Delivery } from './dialect/dialect.ts'
export type { DialectName, Plan } from './plan/plan.ts'
export {
  type Act,
  defineScenario,
  type Options,
  type Scenario,
  type ScenarioOption,
  type ScenarioPart,
  type ScenarioWorker,
} from './scenario/scenario.ts'
export type { Connection } from './worker/connection.ts'
