import type { Plan } from './plan.ts'

type Sized = Pick<Plan, 'connections' | 'arrivalsPerSecond' | 'underWayMax' | 'timeouts'>

/** Where arrivals may be held back, the ramp is as long as the machines take; by then something is wrong. */
const heldRampShare = 6
const openRampShare = 1.5
/** After the last connection was due: beyond its time-outs, how long the ramp waits for the last. */
const rampSlackMs = 1_000
/** Closing, and what is told of it: for everybody, and more for each connection. */
const drainBaseMs = 60_000
const drainMsOfConnection = 0.3
/** Processes to start and to end. */
const graceMs = 180_000

/** From the first arrival that is due to the last. */
export function rampMsOf({ connections, arrivalsPerSecond }: Sized): number {
  return (connections / arrivalsPerSecond) * 1_000
}

/** Longest that a ramp is waited for. */
export function rampMsMaxOf(plan: Sized): number {
  const { connectMs, upgradeMs, readyMs } = plan.timeouts
  const share = plan.underWayMax === undefined ? openRampShare : heldRampShare
  return rampMsOf(plan) * share + 3 * Math.max(connectMs, upgradeMs, readyMs) + rampSlackMs
}

/** Longest that sessions take to be closed and to tell what they saw, and that the logs are read. */
export function drainMsMaxOf({ connections }: Sized): number {
  return drainBaseMs + connections * drainMsOfConnection
}

/** When everything of a run must have ended, whatever happens. */
export function lifetimeMsOf(plan: Sized & Pick<Plan, 'durations'>): number {
  const { primeMs, settleMs, measureMs } = plan.durations
  return rampMsMaxOf(plan) + primeMs + settleMs + measureMs + 2 * drainMsMaxOf(plan) + graceMs
}
