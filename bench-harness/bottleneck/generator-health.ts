import type { WorkerHealth } from '../control/messages.ts'
import type { HealthBounds } from '../plan/plan.ts'

/** How one worker was in one second. */
export interface WorkerTick {
  readonly host: string
  readonly worker: number
  readonly health: WorkerHealth
}

/**
 * Where the load generator could not keep its schedule in a second, worker by worker: what was due
 * was sent too late to be the load that was asked for. Empty when it kept it. A figure that equals
 * its bound is still good.
 */
export function overloadsOf(ticks: readonly WorkerTick[], bounds: HealthBounds): string[] {
  return lateWorkers(ticks, bounds.lagMsMax)
}

/**
 * What may have lengthened the latencies of a second though the schedule was kept: a worker that
 * was busy or somewhat late, and a host whose processors other work had. Empty when nothing did.
 */
export function noiseOf(ticks: readonly WorkerTick[], bounds: HealthBounds): string[] {
  const late = lateWorkers(ticks, bounds.lagNoisyMs)
  const busy = ticks
    .filter(({ health }) => health.loopUse > bounds.loopUseMax)
    .map((tick) => `${nameOf(tick)}: event loop ${percent(tick.health.loopUse)} busy`)
  return [...new Set([...busy, ...late, ...ofHosts(ticks, bounds)])]
}

function lateWorkers(ticks: readonly WorkerTick[], lagMs: number): string[] {
  return ticks
    .filter(({ health }) => health.lagP99Ms > lagMs)
    .map((tick) => `${nameOf(tick)}: sent ${milliseconds(tick.health.lagP99Ms)} late (p99)`)
}

function nameOf({ host, worker }: WorkerTick): string {
  return `${host} worker ${worker}`
}

/** These are the host's figures, which all its workers tell: the worst counts, once. */
function ofHosts(ticks: readonly WorkerTick[], bounds: HealthBounds): string[] {
  const hosts = [...new Set(ticks.map(({ host }) => host))]
  return hosts.flatMap((host) => {
    const own = ticks.filter((tick) => tick.host === host)
    const steal = Math.max(0, ...own.map(({ health }) => health.steal ?? 0))
    const pressure = Math.max(0, ...own.map(({ health }) => health.pressure ?? 0))
    const reasons: string[] = []
    if (steal > bounds.stealMax)
      reasons.push(`${host}: the hypervisor took ${percent(steal)} of its processor time`)
    if (pressure > bounds.pressureMax)
      reasons.push(`${host}: CPU pressure ${Math.round(pressure)} %`)
    return reasons
  })
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`
}
