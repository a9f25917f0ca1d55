import { defaultHealth, type Plan } from '../plan/plan.ts'
import { type ConnectStep, type TsungScript, type TsungStep, usersOf } from './script.ts'

/** What Tsung has no word for, as other plans have it too. */
const usual = {
  durations: { primeMs: 5_000, settleMs: 3_000, measureMs: 30_000 },
  timeouts: { connectMs: 10_000, upgradeMs: 10_000, readyMs: 10_000, keepaliveMs: 35_000 },
}

export interface TsungPlan {
  readonly plan: Plan
  /** What of the script the plan does not do. */
  readonly notes: readonly string[]
}

/**
 * The plan that runs a script: against its own servers, at its highest rate, with as many connections as it has users. What users do, and when each
 * phase begins, is in the script itself.
 */
export function planOfTsung(script: TsungScript, run: string): TsungPlan {
  const { phases, endsAfterMs, connectTimeoutMs, seed = 1 } = script
  const users = phases.map(usersOf).reduce((sum, count) => sum + count, 0)
  const phasesMs = phases.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const { timeouts, durations } = usual
  const plan: Plan = {
    v: 1,
    run,
    seed,
    scenario: { name: 'script', options: {}, tsung: script },
    target: { urls: urlsOf(script), dialect: 'plain', own: false },
    connections: Math.max(1, users),
    arrivalsPerSecond: Math.max(...phases.map(({ usersPerSecond }) => usersPerSecond)),
    arrivals: 'poisson',
    durations: {
      ...durations,
      measureMs: Math.max(durations.measureMs, (endsAfterMs ?? 0) - phasesMs),
    },
    timeouts: { ...timeouts, connectMs: connectTimeoutMs ?? timeouts.connectMs },
    slo: [],
    health: defaultHealth,
  }
  return { plan, notes: notesOf(script) }
}

function notesOf({ phases, servers, sessions }: TsungScript): readonly string[] {
  const connects = sessions.map(({ steps }) => connectsOf(steps))
  const paths = new Set(connects.map(([first]) => JSON.stringify(first?.path)))
  const [first] = connects.flat()
  const found: [boolean, string][] = [
    [
      servers.some(({ tls }) => tls),
      'TLS is not measured: the plan speaks ws:// to the same ports; put the port of the server itself into target.urls',
    ],
    [
      new Set(servers.map(({ weight }) => weight)).size > 1,
      'weights of servers: connections are spread evenly over target.urls',
    ],
    [
      paths.size > 1 || first?.path.some((part) => typeof part !== 'string') === true,
      'paths that differ between users: all connect to that of target.urls',
    ],
    [
      connects.some((of) => of.length > 1),
      'users that connect again: each ends where its second connection would begin',
    ],
    [
      connects
        .flat()
        .some(
          ({ subprotocols, origin, headers }) => (subprotocols ?? origin ?? headers) !== undefined,
        ),
      'subprotocols, origins and headers of the upgrade are not sent',
    ],
    [
      new Set(phases.map(({ usersPerSecond }) => usersPerSecond)).size > 1,
      'phases of different rates: all users arrive at the highest one',
    ],
  ]
  return found.flatMap(([holds, note]) => (holds ? [note] : []))
}

function urlsOf({ servers, sessions }: TsungScript): readonly string[] {
  const path = pathOf(sessions.flatMap(({ steps }) => steps))
  return servers.map(
    ({ host, port }) => `ws://${host.includes(':') ? `[${host}]` : host}:${port}${path}`,
  )
}

/** The path of the first connect, where it is the same for every user. */
function pathOf(steps: readonly TsungStep[]): string {
  const [path = '/', ...others] = connectsOf(steps)[0]?.path ?? []
  return typeof path === 'string' && others.length === 0 ? path : '/'
}

function connectsOf(steps: readonly TsungStep[]): readonly ConnectStep[] {
  return steps.flatMap((step) => {
    if (step.kind === 'repeat') return connectsOf(step.steps)
    return step.kind === 'connect' ? [step] : []
  })
}
