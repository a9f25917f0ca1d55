import { RusherError } from '../../src/protocol/index.ts'
import { usualPaths } from '../dialect/dialects.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { parseDurationMs } from './duration.ts'
import { type DialectName, defaultHealth, dialectNames, type Plan } from './plan.ts'
import { parseSlo, SloSyntaxError } from './slo.ts'
import { portOf } from './target-address.ts'

/** What a person asked for, as text and numbers; everything may be absent. */
export interface Wishes {
  /** `ws://host:port/path` or `wss://`, several with commas; absent: a server of its own. */
  readonly target?: string
  readonly targetIsOwn?: boolean
  /** Accept every certificate. */
  readonly insecure?: boolean
  readonly dialect?: string
  readonly serverPorts?: number
  readonly connections?: number
  readonly rate?: number
  readonly poisson?: boolean
  readonly duration?: string
  readonly settle?: string
  /** Of each step of a connection: TCP, the upgrade, the server's hello and every join. */
  readonly timeout?: string
  /** Silence after which a connection is asked for a sign of life. */
  readonly keepalive?: string
  readonly underWayMax?: number
  readonly slo?: string
  readonly seed?: number
  /** `name=value` for the scenario. */
  readonly set?: readonly string[]
  readonly source?: string
  readonly overloadedMax?: number
}

/** From here on a server of its own is filled at a rate that two processors bear with both ends on them. */
const largeConnections = 20_000
const largeRate = 1_000

/** Wrong usage, with what to do instead. */
export function usage(message: string): RusherError {
  return new RusherError('USAGE', message)
}

/**
 * Works out a plan from what was asked for and the scenario. Throws a `RusherError` (`USAGE`) that names the option that cannot be.
 */
export function makePlan(scenario: Scenario, wishes: Wishes, run: string): Plan {
  const { connections = 1_000, rate, seed = 1, slo = '', targetIsOwn = false } = wishes
  if (!(connections >= 1)) throw usage('--connections must be at least 1')
  const rateMax = isLarge(wishes, connections) ? largeRate : 2_000
  const arrivalsPerSecond = rate ?? Math.min(rateMax, Math.max(50, Math.ceil(connections / 10)))
  if (!(arrivalsPerSecond > 0)) throw usage('--rate must be more than 0')
  return {
    v: 1,
    run,
    seed,
    scenario: {
      name: scenario.name,
      options: optionsOf(scenario, wishes.set ?? []),
      ...(wishes.source === undefined ? {} : { source: wishes.source }),
    },
    target: targetOf(scenario, wishes, targetIsOwn),
    connections,
    arrivalsPerSecond,
    arrivals: wishes.poisson === true ? 'poisson' : 'constant',
    ...underWayOf(wishes, connections),
    durations: {
      primeMs: 5_000,
      settleMs: durationOf('--settle', wishes.settle ?? '3s'),
      measureMs: durationOf('--duration', wishes.duration ?? '30s'),
    },
    timeouts: timeoutsOf(
      durationOf('--timeout', wishes.timeout ?? (isLarge(wishes, connections) ? '60s' : '10s')),
      durationOf('--keepalive', wishes.keepalive ?? '35s'),
    ),
    slo: sloOf(slo),
    health: {
      ...defaultHealth,
      ...(wishes.overloadedMax === undefined ? {} : { overloadedShareMax: wishes.overloadedMax }),
    },
  }
}

/** Both ends on one machine, and so many that its processors are busy for minutes. */
function isLarge({ target }: Wishes, connections: number): boolean {
  return target === undefined && connections > largeConnections
}

function underWayOf(
  { underWayMax, ...wishes }: Wishes,
  connections: number,
): Pick<Plan, 'underWayMax'> {
  if (underWayMax !== undefined && underWayMax < 1)
    throw usage('--under-way-max must be at least 1')
  if (underWayMax !== undefined) return { underWayMax }
  return isLarge(wishes, connections) ? { underWayMax: largeRate } : {}
}

function timeoutsOf(stepMs: number, keepaliveMs: number): Plan['timeouts'] {
  if (stepMs < 1) throw usage('--timeout must be at least 1ms')
  if (keepaliveMs < 1_000) throw usage('--keepalive must be at least 1s')
  return { connectMs: stepMs, upgradeMs: stepMs, readyMs: stepMs, keepaliveMs }
}

function targetOf(scenario: Scenario, wishes: Wishes, own: boolean): Plan['target'] {
  const dialect = dialectOf(scenario, wishes.dialect)
  const path = scenario.path ?? usualPaths[dialect]
  const given = (wishes.target ?? '').split(',').filter((text) => text !== '')
  const urls = given.flatMap((text) => {
    const url = parseUrl(text, path)
    const first = portOf(url)
    return Array.from({ length: wishes.serverPorts ?? 1 }, (_, no) => {
      const next = new URL(url)
      next.port = String(first + no)
      return next.href
    })
  })
  return { urls, dialect, own, ...(wishes.insecure === true && { insecure: true }) }
}

function parseUrl(text: string, path: string): URL {
  const url = URL.parse(text)
  if (url === null || !/^wss?:$/.test(url.protocol) || url.hostname === '')
    throw usage(`--target ${text} is no address; write for example ws://10.0.0.5:8080`)
  return url.pathname === '/' && url.search === '' ? new URL(path, url) : url
}

function dialectOf(scenario: Scenario, wanted: string | undefined): DialectName {
  if (wanted === undefined) return scenario.dialects[0]
  const found = dialectNames.find((name) => name === wanted)
  if (found === undefined)
    throw usage(`--dialect ${wanted} is not known; it is one of ${dialectNames.join(', ')}`)
  if (!scenario.dialects.includes(found))
    throw usage(
      `scenario ${scenario.name} cannot be run with --dialect ${found}; it can with ${scenario.dialects.join(', ')}`,
    )
  return found
}

function optionsOf(scenario: Scenario, set: readonly string[]): Readonly<Record<string, number>> {
  const options = Object.fromEntries(
    Object.entries(scenario.options).map(([name, option]) => [name, option.default]),
  )
  for (const text of set) {
    const [name = '', value = ''] = text.split('=')
    const known = Object.keys(scenario.options)
    if (!known.includes(name))
      throw usage(
        known.length === 0
          ? `--set ${text}: scenario ${scenario.name} has no options`
          : `--set ${text}: scenario ${scenario.name} has ${known.join(', ')}`,
      )
    const number = Number(value)
    if (value === '' || !Number.isFinite(number) || number < 0)
      throw usage(`--set ${text}: the value must be a number from 0`)
    options[name] = number
  }
  return options
}

function durationOf(flag: string, text: string): number {
  const ms = parseDurationMs(text)
  if (ms === undefined) throw usage(`${flag} ${text} is no time; write for example 30s or 5m`)
  return ms
}

function sloOf(text: string): Plan['slo'] {
  try {
    return parseSlo(text)
  } catch (error) {
    if (error instanceof SloSyntaxError) throw usage(`--slo: ${error.message}`)
    throw error
  }
}
