import { faultsOf } from '../bundle/judge.ts'
import type { Comparison } from './compare-runs.ts'
import type { Variant } from './variants.ts'

/** What a comparison ends with when something became worse. */
export const regressionExitCode = 14

export interface Regression {
  readonly variant: string
  readonly figure: string
  /** In words. */
  readonly text: string
}

/**
 * Figures that are shown to be worse than the first variant's by more than a threshold, a share; and, whatever the threshold, messages that
 * were lost, unanswered, duplicated or out of order where the first variant had none.
 */
export function regressionsOf(
  { variants, figures }: Pick<Comparison, 'variants' | 'figures'>,
  threshold: number,
): readonly Regression[] {
  const [base, ...others] = variants
  const faulty =
    base === undefined || faultsIn(base) > 0
      ? []
      : others
          .filter((variant) => faultsIn(variant) > 0)
          .map((variant) => ({
            variant: variant.name,
            figure: 'history',
            text: `${faultsIn(variant)} faults (lost, unanswered, duplicated, out of order), none before`,
          }))
  const slower = figures.flatMap(({ figure, rows }) =>
    rows.flatMap(({ variant, delta }) => {
      if (delta?.outcome !== 'worse') return []
      const by = Math.abs(delta.ratio - 1)
      if (by <= threshold) return []
      const text = `${figure.name} is ${Math.round(by * 1_000) / 10} % ${delta.ratio > 1 ? 'more' : 'less'}`
      return [{ variant, figure: figure.name, text }]
    }),
  )
  return [...faulty, ...slower]
}

function faultsIn({ runs }: Variant): number {
  return runs.reduce((sum, { bundle }) => sum + faultsOf(bundle.result.history), 0)
}
