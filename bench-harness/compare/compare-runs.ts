import type { RunBundle } from '../bundle/bundle.ts'
import type { HostFacts } from '../control/messages.ts'
import { createRandom } from '../plan/random.ts'
import {
  type Interval,
  medianOf,
  noiseFloorOf,
  permutationP,
  ratioOfMedians,
} from './statistics.ts'

/** A figure that runs are compared by, and which way is better. */
export interface ComparedFigure {
  readonly name: string
  readonly unit: 'ms' | '/s' | 'bytes' | 'processors' | 'connections'
  readonly better: 'less' | 'more'
  readonly values: readonly (number | undefined)[]
}

export type Finding = 'worse' | 'better' | 'no difference shown'

/** One figure of one variant beside the first variant's. */
export interface Comparison {
  readonly figure: string
  readonly unit: ComparedFigure['unit']
  readonly variant: string
  readonly base: number
  readonly median: number
  readonly runs: number
  readonly ratio: number
  readonly interval: Interval
  readonly noise: number
  readonly p: number
  /** A single run on a side: blocks of time stand for runs nowhere, so this only shows a direction. */
  readonly directional: boolean
  readonly finding: Finding
}

export interface Compared {
  readonly variants: readonly { readonly name: string; readonly runs: readonly string[] }[]
  readonly comparisons: readonly Comparison[]
  /** What differs and should not; a comparison with these says little. */
  readonly warnings: readonly string[]
}

/**
 * Compares runs. Those with the same scenario, options, target kind and server are runs of one variant; the first variant is the base. The
 * unit is the run, whatever the number of messages in it.
 */
export function compareRuns(bundles: readonly RunBundle[], seed = 1): Compared {
  const groups = new Map<string, RunBundle[]>()
  for (const bundle of bundles) {
    const name = variantOf(bundle)
    groups.set(name, [...(groups.get(name) ?? []), bundle])
  }
  const names = [...groups.keys()]
  const variants = [...groups].map(([name, runs]) => ({
    name,
    runs: runs.map(({ plan }) => plan.run),
  }))
  const [first, ...others] = names.length > 1 ? names : [names[0], names[0]]
  const random = createRandom(seed)
  const comparisons = others.flatMap((name) => {
    const isSame = names.length === 1
    const all = groups.get(first ?? '') ?? []
    // Runs of one thing alone are held against each other: every other one.
    const base = isSame ? all.filter((_, index) => index % 2 === 0) : all
    const other = isSame
      ? all.filter((_, index) => index % 2 === 1)
      : (groups.get(name ?? '') ?? [])
    return compareGroups(name ?? '', base, other, random)
  })
  return { variants, comparisons, warnings: warningsOf(bundles) }
}

/** True when some figure of some variant became worse than the base by more than a share. */
export function isRegression({ comparisons }: Compared, share: number): boolean {
  return comparisons.some(
    ({ finding, ratio }) => finding === 'worse' && Math.abs(ratio - 1) > share,
  )
}

function compareGroups(
  variant: string,
  base: readonly RunBundle[],
  other: readonly RunBundle[],
  random: () => number,
): readonly Comparison[] {
  return figures.flatMap(({ name, unit, better, of }) => {
    const [a, b] = [base, other].map((runs) => runs.flatMap((run) => of(run) ?? []))
    if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return []
    const { ratio, interval } = ratioOfMedians(a, b, random)
    const noise = noiseFloorOf([a, b])
    const directional = a.length < 2 || b.length < 2
    const isClear = (interval.low > 1 || interval.high < 1) && Math.abs(ratio - 1) > noise
    const p = permutationP(a, b, random)
    // With so few runs an interval can miss 1 by chance; both have to agree.
    const isShown = !directional && isClear && p < 0.05
    const isLess = ratio < 1
    const finding: Finding = !isShown
      ? 'no difference shown'
      : isLess === (better === 'less')
        ? 'better'
        : 'worse'
    const median = medianOf(b)
    return [
      {
        ...{ figure: name, unit, variant, base: medianOf(a), median, runs: b.length },
        ...{ ratio, interval, noise, p, directional, finding },
      },
    ]
  })
}

const figures: readonly {
  readonly name: string
  readonly unit: ComparedFigure['unit']
  readonly better: 'less' | 'more'
  of(run: RunBundle): number | undefined
}[] = [
  {
    name: 'ready at most',
    unit: 'connections',
    better: 'more',
    of: ({ result }) => result.peak.ready,
  },
  ...(
    ['ready', 'echo', 'ack', 'delivery', 'completion', 'convergence', 'reconnect'] as const
  ).flatMap((kind) =>
    (['p50', 'p99'] as const).map((percentile) => ({
      name: `${kind} ${percentile}`,
      unit: 'ms' as const,
      better: 'less' as const,
      of: ({ result }: RunBundle) => result.latency[kind]?.[percentile],
    })),
  ),
  {
    name: 'delivered',
    unit: '/s',
    better: 'more',
    of: ({ result }) => result.rates.delivered || undefined,
  },
  {
    name: 'server processors',
    unit: 'processors',
    better: 'less',
    of: ({ result }) => result.server?.cpuMean,
  },
  {
    name: 'memory a connection',
    unit: 'bytes',
    better: 'less',
    of: ({ result }) => result.server?.bytesPerConnection,
  },
]

function variantOf({ plan, environment }: RunBundle): string {
  const { name, options } = plan.scenario
  const set = Object.entries(options).map(([key, value]) => `${key}=${value}`)
  const { rusher, commit = '', dirty = false } = environment
  const build = [rusher, commit.slice(0, 8), dirty ? 'changed' : ''].filter((part) => part !== '')
  const server = plan.target.own ? build.join('-') : plan.target.urls.join(' ')
  return [name, ...set, plan.target.dialect, server, `n=${plan.connections}`].join(' ')
}

/** Counts that the system changes by itself are no settings. */
const counts = new Set(['fs.file-nr', 'net.netfilter.nf_conntrack_count'])

function settingNames(bundles: readonly RunBundle[]): readonly string[] {
  const names = bundles.flatMap(({ environment }) =>
    environment.hosts.flatMap(({ facts }) => Object.keys(facts.sysctls)),
  )
  return [...new Set(names)].filter((name) => !counts.has(name))
}

/** What has to be alike for a comparison to mean something. */
function warningsOf(bundles: readonly RunBundle[]): readonly string[] {
  const differing = (what: string, of: (bundle: RunBundle) => string): readonly string[] => {
    const found = [...new Set(bundles.map(of))]
    return found.length > 1 ? [`${what} differs: ${found.join(' / ')}`] : []
  }
  const hostsOf = (of: (facts: HostFacts) => string) => (bundle: RunBundle) =>
    bundle.environment.hosts.map(({ facts }) => of(facts)).join(', ')
  const invalid = bundles.filter(({ result }) => result.verdict === 'invalid')
  return [
    ...differing(
      'kernel',
      hostsOf(({ kernel }) => kernel),
    ),
    ...differing(
      'processor',
      hostsOf(({ cpu, cores }) => `${cores} x ${cpu}`),
    ),
    ...differing(
      'Node',
      hostsOf(({ node }) => node),
    ),
    ...settingNames(bundles).flatMap((name) =>
      differing(
        name,
        hostsOf(({ sysctls }) => sysctls[name] ?? 'none'),
      ),
    ),
    ...differing('scenario', ({ plan }) => plan.scenario.name),
    ...differing('connections', ({ plan }) => String(plan.connections)),
    ...invalid.map(({ plan }) => `run ${plan.run} is invalid: its generator was the limit`),
  ]
}
