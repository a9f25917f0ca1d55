import type { WorkerHealth } from '../control/messages.ts'
import type { HealthBounds } from '../plan/plan.ts'

/** How one worker was in one second. */
export interface WorkerTick {
  readonly host: string
  readonly worker: number
  readonly health: WorkerHealth
}

/**
 * Why a second says little about the server: every worker that was busy with itself, and every host that had to wait for a processor.
 * Empty when none was. A figure that equals its bound is still good.
 */
export function taintsOf(ticks: readonly WorkerTick[], bounds: HealthBounds): string[] {
  return [
    ...new Set([...ticks.flatMap((tick) => ofWorker(tick, bounds)), ...ofHosts(ticks, bounds)]),
  ]
}

function ofWorker({ host, worker, health }: WorkerTick, bounds: HealthBounds): string[] {
  const who = `${host} worker ${worker}`
  const reasons: string[] = []
  if (health.loopUse > bounds.loopUseMax)
    reasons.push(`${who}: event loop ${percent(health.loopUse)} busy`)
  if (health.lagP99Ms > bounds.lagMsMax)
    reasons.push(`${who}: sent ${milliseconds(health.lagP99Ms)} late (p99)`)
  return reasons
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
      reasons.push(
        `${host}: something waited for a processor ${Math.round(pressure)} % of the time`,
      )
    return reasons
  })
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`
}
