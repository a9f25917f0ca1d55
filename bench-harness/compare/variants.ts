import type { RunBundle } from '../bundle/bundle.ts'

export interface NamedRun {
  /** How it was named to us: a folder or an id. */
  readonly name: string
  readonly bundle: RunBundle
  /** The variant that the user says it is of. */
  readonly label?: string
}

/** Runs that are repetitions of each other. */
export interface Variant {
  readonly name: string
  readonly runs: readonly NamedRun[]
}

/**
 * Groups runs by their labels; where none is given, by what differs between them: scenario, target, plan and server. A variant is called by
 * that. Two runs between which nothing differs are two variants, called as they were named: that is what whoever compares two runs means.
 */
export function variantsOf(runs: readonly NamedRun[]): readonly Variant[] {
  if (runs.some(({ label }) => label !== undefined))
    return grouped(runs, ({ label, name }) => label ?? name)
  const traits = runs.map(({ bundle }) => traitsOf(bundle))
  const differing = Object.keys(traits[0] ?? {}).filter(
    (key) => new Set(traits.map((trait) => trait[key])).size > 1,
  )
  if (differing.length === 0)
    return runs.length === 2 ? grouped(runs, ({ name }) => name) : [{ name: 'all runs', runs }]
  return grouped(runs, ({ bundle }) => {
    const trait = traitsOf(bundle)
    return differing
      .map(
        (key) =>
          `${key} ${ownWords(
            trait[key] ?? '',
            traits.map((other) => other[key] ?? ''),
          )}`,
      )
      .join(', ')
  })
}

function grouped(runs: readonly NamedRun[], nameOf: (run: NamedRun) => string): Variant[] {
  return [...Map.groupBy(runs, nameOf)].map(([name, own]) => ({ name, runs: own }))
}

/** The words of a text that are not in all of the texts; the whole of it where that leaves nothing. */
function ownWords(text: string, all: readonly string[]): string {
  const own = text
    .split(' ')
    .filter((word) => !all.every((other) => other.split(' ').includes(word)))
  return own.length === 0 ? text : own.join(' ')
}

/** What makes one run another thing than the next, and not only another time. */
function traitsOf({ plan, environment }: RunBundle): Record<string, string> {
  const { scenario, target, durations } = plan
  const options = Object.entries(scenario.options).map(([name, value]) => `${name}=${value}`)
  return {
    scenario: scenario.name,
    options: options.join(' '),
    dialect: target.dialect,
    // A server of the run's own has another port each time.
    target: target.own ? 'own server' : target.urls.join(' '),
    connections: String(plan.connections),
    arrivals: `${plan.arrivalsPerSecond}/s ${plan.arrivals}`,
    measured: `${durations.measureMs / 1_000} s`,
    server: serverOf(environment),
    commit: target.own && environment.commit !== undefined ? environment.commit.slice(0, 10) : '',
  }
}

/** The server as it was started or told of itself, without what is another each time: ports, process ids, folders for one run. */
function serverOf({ server }: RunBundle['environment']): string {
  const { version, storage, edges, command, processes } = server
  const text = String(command ?? '')
    .split(' ')
    .map((word) => word.replace(/\/\S*\/rusher-bench-[^/\s]*\//, ''))
    .filter((word) => !/^\d+$/.test(word))
    .join(' ')
  const facts = [
    version,
    storage,
    edges,
    text,
    processes === undefined ? '' : `${processes} processes`,
  ]
  return facts.filter((fact) => fact !== undefined && fact !== '').join(' ')
}
