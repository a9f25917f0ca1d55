import type { Environment } from '../bundle/bundle.ts'
import { faultsOf } from '../bundle/judge.ts'
import { factsOf } from '../report/environment-table.ts'
import type { NamedRun, Variant } from './variants.ts'

/** Something besides the variant that differs between runs, and so may be what a figure shows. */
export interface Difference {
  /** `refuse`: the runs are no comparison. `warn`: they are one with a doubt. */
  readonly weight: 'refuse' | 'warn'
  readonly what: string
  /** What there is of it, and the runs that have it. */
  readonly of: readonly { readonly text: string; readonly runs: readonly string[] }[]
}

const machineKeys = ['kernel', 'processor', 'processors', 'architecture', 'memory', 'Node'] as const

/** Finds what makes runs hard to compare: other scenarios, runs without a valid verdict, other machines or settings of these. */
export function differencesOf(variants: readonly Variant[]): readonly Difference[] {
  const runs = variants.flatMap((variant) => variant.runs)
  return [
    ...differing('refuse', 'scenario', runs, ({ bundle }) => bundle.plan.scenario.name),
    ...invalidRuns(runs),
    ...faultyRuns(runs),
    ...differing('warn', 'connections', runs, ({ bundle }) => String(bundle.plan.connections)),
    ...differing(
      'warn',
      'client hosts',
      runs,
      ({ bundle }) => `${bundle.environment.hosts.length}`,
    ),
    ...differing('warn', 'rusher bench', runs, ({ bundle }) => bundle.environment.rusher),
    ...machineKeys.flatMap((key) =>
      differing('warn', key, runs, ({ bundle }) => valuesOf(bundle.environment, key)),
    ),
    ...sysctlsOf(runs).flatMap((key) =>
      differing('warn', key, runs, ({ bundle }) => valuesOf(bundle.environment, key)),
    ),
  ]
}

function differing(
  weight: Difference['weight'],
  what: string,
  runs: readonly NamedRun[],
  textOf: (run: NamedRun) => string,
): Difference[] {
  const of = byText(runs, textOf)
  return of.length > 1 ? [{ weight, what, of }] : []
}

function byText(runs: readonly NamedRun[], textOf: (run: NamedRun) => string): Difference['of'] {
  return [...Map.groupBy(runs, textOf)].map(([text, own]) => ({
    text,
    runs: own.map(({ name }) => name),
  }))
}

/** Their generator was the limit, or they were cut: no figure of them is the server's. */
function invalidRuns(runs: readonly NamedRun[]): Difference[] {
  const invalid = runs.filter(({ bundle }) => bundle.result.verdict === 'invalid')
  if (invalid.length === 0) return []
  const of = byText(invalid, ({ bundle }) => bundle.result.reasons[0] ?? 'invalid')
  return [{ weight: 'refuse', what: 'no valid verdict', of }]
}

function faultyRuns(runs: readonly NamedRun[]): Difference[] {
  const of = byText(runs, ({ bundle }) => `${faultsOf(bundle.result.history)} faults`)
  const isFaulty = runs.some(({ bundle }) => faultsOf(bundle.result.history) > 0)
  return isFaulty
    ? [{ weight: 'warn', what: 'lost, unanswered, duplicated or out of order', of }]
    : []
}

/** What the hosts of a run have of a fact: once where they are all the same. */
function valuesOf({ hosts }: Environment, key: string): string {
  const values = hosts.map(({ facts }) => factsOf(facts)[key] ?? '–')
  return [...new Set(values)].sort().join(' and ')
}

function sysctlsOf(runs: readonly NamedRun[]): string[] {
  return [
    ...new Set(
      runs.flatMap(({ bundle }) =>
        bundle.environment.hosts.flatMap(({ facts }) => Object.keys(facts.sysctls)),
      ),
    ),
  ].sort()
}
