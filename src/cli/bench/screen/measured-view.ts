import { mergeEncoded } from '../../../../bench-harness/histogram/histogram.ts'
import type { RunView } from '../../../../bench-harness/view/run-view.ts'

/**
 * A view of a run that has ended, as it was when it was measured: its last measured second, and its
 * headline latency over the measured seconds of the view. A run that is not over, or was never
 * measured, is returned unchanged.
 */
export function measuredView(view: RunView): RunView {
  if (view.result === undefined) return view
  const measured = view.seconds.filter(({ phase }) => phase === 'measure')
  const second = measured.at(-1)
  if (second === undefined) return view
  const { kind } = view.headline
  const histograms = measured.flatMap((each) => {
    const found = Object.entries(each.histograms).find(([name]) => name === kind)?.[1]
    return found === undefined ? [] : [found]
  })
  const last = Object.entries(second.histograms).find(([name]) => name === kind)?.[1]
  return {
    ...view,
    second,
    headline: { kind, second: last ?? mergeEncoded([]), phase: mergeEncoded(histograms) },
  }
}
