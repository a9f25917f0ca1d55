import type { Result, RunBundle, Second, SessionMemory } from '../bundle/bundle.ts'
import { failuresOf } from '../ledger/ledger.ts'

/** What is kept of one run at one number of sessions: small enough for a repository, and all that its table and charts are made of. */
export interface KeptRun {
  readonly v: 1
  readonly connections: number
  readonly scenario: { readonly name: string; readonly options: Readonly<Record<string, number>> }
  readonly verdict: Result['verdict']
  readonly reasons: readonly string[]
  readonly startedAt: string
  readonly commit?: string
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly memoryBytes: number
    readonly kernel: string
    readonly node: string
  }
  /** Processes of the server, and of the load on the same machine. */
  readonly processes: { readonly server?: number; readonly workers: number }
  readonly load: {
    readonly arrivalsPerSecond: number
    readonly underWayMax?: number
    readonly keepaliveMs: number
    readonly measureMs: number
  }
  /** How many were ready at once at the most, as each side counts; the probes are in the server's and the kernel's counts. */
  readonly counts: Result['peak']
  readonly failed: number
  readonly lost: number
  readonly history: Omit<Result['history'], 'faults'>
  readonly latency: Result['latency']
  readonly steady?: Steady
  readonly memory?: SessionMemory
  /** Measured seconds, and those in which the load was busy with itself. */
  readonly health: { readonly seconds: number; readonly overloaded: number }
  /** Seconds since the run began, and how many were ready then. */
  readonly ready: readonly (readonly [t: number, ready: number])[]
}

/** What the server did in `measure`, a second on average. */
export interface Steady {
  /** Processors that all its processes had. */
  readonly processors: number
  readonly publishes: number
  readonly deliveries: number
  /** Signs of life that it asked for and was given. */
  readonly signs: number
  /** Its processor time by deliveries and signs of life together, in microseconds. */
  readonly microsecondsEach?: number
}

/** Points that a line of a chart is made of, at most. */
const pointsMax = 240

/** Takes what is kept out of a whole run. */
export function keptRunOf({ plan, environment, seconds, result }: RunBundle): KeptRun {
  const { controller, server, hosts } = environment
  const { faults: _, ...history } = result.history
  const processes = server['processes']
  const steady = steadyOf(seconds)
  return {
    v: 1,
    connections: plan.connections,
    scenario: { name: plan.scenario.name, options: plan.scenario.options },
    verdict: result.verdict,
    reasons: result.reasons,
    startedAt: environment.startedAt,
    ...(environment.commit === undefined ? {} : { commit: environment.commit }),
    machine: {
      cpu: controller.cpu,
      cores: controller.cores,
      memoryBytes: controller.memoryBytes,
      kernel: controller.kernel,
      node: controller.node,
    },
    processes: {
      ...(typeof processes === 'number' ? { server: processes } : {}),
      workers: hosts.reduce((sum, { workers }) => sum + workers, 0),
    },
    load: {
      arrivalsPerSecond: plan.arrivalsPerSecond,
      ...(plan.underWayMax === undefined ? {} : { underWayMax: plan.underWayMax }),
      keepaliveMs: plan.timeouts.keepaliveMs,
      measureMs: plan.durations.measureMs,
    },
    counts: result.peak,
    failed: failuresOf(result.ledger),
    lost: result.ledger.lost ?? 0,
    history,
    latency: result.latency,
    ...(steady === undefined ? {} : { steady }),
    ...(result.memory === undefined ? {} : { memory: result.memory }),
    health: { seconds: result.health.seconds, overloaded: result.health.overloaded },
    ready: thinned(seconds.map(({ t, ledger }) => [t, ledger.now.ready] as const)),
  }
}

function steadyOf(seconds: readonly Second[]): Steady | undefined {
  const measured = seconds.filter(({ phase }) => phase === 'measure')
  const shares = measured.flatMap(({ server }) => server?.cpu ?? [])
  const [first] = shares
  if (first === undefined) return undefined
  const mean = (all: readonly number[]): number =>
    all.reduce((sum, each) => sum + each, 0) / all.length
  const processors = mean(shares)
  const deliveries = mean(measured.map(({ counters }) => counters.delivered))
  const signs = mean(
    measured.map(({ hosts }) => hosts.reduce((sum, host) => sum + (host.signs ?? 0), 0)),
  )
  const each = deliveries + signs
  return {
    processors: rounded(processors, 3),
    publishes: rounded(mean(measured.map(({ counters }) => counters.acknowledged)), 1),
    deliveries: rounded(deliveries, 1),
    signs: rounded(signs, 1),
    ...(each === 0 ? {} : { microsecondsEach: rounded((processors * 1e6) / each, 1) }),
  }
}

/** Every so many of them, and the last. */
function thinned<T>(points: readonly T[]): readonly T[] {
  const every = Math.ceil(points.length / pointsMax)
  return points.filter((_, at) => at % every === 0 || at === points.length - 1)
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
