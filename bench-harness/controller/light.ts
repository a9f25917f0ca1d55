import type { Second } from '../bundle/bundle.ts'
import type { LatencyKind } from '../control/messages.ts'
import { mergeEncoded, percentileOf } from '../histogram/histogram.ts'
import { failuresOf, imbalanceOf } from '../ledger/ledger.ts'
import type { Plan } from '../plan/plan.ts'
import type { RunView } from '../view/run-view.ts'

/** Share of attempts that may have failed before the light says so. */
const failedShareMax = 0.001

/** How the run looks so far, in a word and a reason. The verdict at the end is worked out from all of it. */
export function lightOf(
  plan: Plan,
  seconds: readonly Second[],
  headline: LatencyKind,
): Pick<RunView, 'light' | 'lightText'> {
  const last = seconds.at(-1)
  if (last === undefined) return { light: 'waiting', lightText: 'starting' }
  if (imbalanceOf(last.ledger) !== 0)
    return { light: 'invalid', lightText: 'the books do not balance' }
  const measured = seconds.filter(({ phase }) => phase === 'measure')
  const overloaded = measured.filter((second) => second.overloaded.length > 0)
  if (overloaded.length > Math.max(1, measured.length * plan.health.overloadedShareMax))
    return {
      light: 'invalid',
      lightText: `load generator overloaded: ${overloaded.at(-1)?.overloaded[0]}`,
    }
  const failed = failuresOf(last.ledger)
  if (failed > last.ledger.scheduled * failedShareMax)
    return { light: 'failing', lightText: `${failed} connections failed` }
  const missed = plan.slo.find((term) => {
    const share = shares[term.figure]
    if (share === undefined) return false
    const kind = (term.kind as LatencyKind | undefined) ?? headline
    const merged = mergeEncoded(measured.flatMap(({ histograms }) => histograms[kind] ?? []))
    const value = share === 1 ? merged.max : percentileOf(merged, share)
    return value !== undefined && term.operator.startsWith('<') && value > term.bound
  })
  if (missed !== undefined) return { light: 'failing', lightText: `not ${missed.text}` }
  return { light: 'good', lightText: 'good so far' }
}

const shares: Readonly<Record<string, number>> = {
  p50: 0.5,
  p90: 0.9,
  p99: 0.99,
  'p99.9': 0.999,
  'p99.99': 0.9999,
  max: 1,
}
