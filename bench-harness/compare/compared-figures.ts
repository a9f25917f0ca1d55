import type { RunBundle, Second } from '../bundle/bundle.ts'
import { histogramOf } from '../bundle/summarize.ts'
import type { LatencyKind } from '../control/messages.ts'
import { percentileOf } from '../histogram/histogram.ts'
import { bytesText, countText, msText, rateText } from '../report/figures.ts'
import { kindTexts } from '../report/headline.ts'

/** Something that two runs are compared by. */
export interface ComparedFigure {
  readonly name: string
  readonly better: 'less' | 'more'
  text(value: number): string
  /** Of a whole run; nothing where it was not measured. */
  ofRun(run: RunBundle): number | undefined
  /** Of a block of measured seconds; absent where a block has no such figure. */
  ofBlock?(seconds: readonly Second[]): number | undefined
}

/** What runs of a scenario are compared by; the first that they all have decides. */
export function comparedFigures(headline: LatencyKind): readonly ComparedFigure[] {
  return [
    percentileFigure(headline, 'p99', 0.99),
    percentileFigure(headline, 'p50', 0.5),
    wholeFigure('until ready, p99', 'less', msText, ({ result }) => result.latency.ready?.p99),
    {
      name: 'delivered',
      better: 'more',
      text: rateText,
      ofRun: ({ result }) => positive(result.rates.delivered),
      ofBlock: (seconds) =>
        positive(
          seconds.reduce((sum, { counters }) => sum + counters.delivered, 0) / seconds.length,
        ),
    },
    {
      name: 'ready at once',
      better: 'more',
      text: countText,
      ofRun: ({ result }) => positive(result.peak.ready),
      ofBlock: (seconds) => positive(Math.max(...seconds.map(({ ledger }) => ledger.now.ready))),
    },
    {
      name: 'server, processors',
      better: 'less',
      text: (value) => String(Math.round(value * 100) / 100),
      ofRun: ({ result }) => positive(result.server?.cpuMean),
      ofBlock: (seconds) => {
        const told = seconds.flatMap(({ server }) => server?.cpu ?? [])
        return positive(told.reduce((sum, cpu) => sum + cpu, 0) / Math.max(1, told.length))
      },
    },
    wholeFigure('server, bytes a connection', 'less', bytesText, ({ result }) =>
      positive(result.server?.bytesPerConnection),
    ),
  ]
}

/** Seconds of `measure` in blocks of ten, without a rest that is shorter than half of one. */
export function blocksOf({ seconds }: RunBundle): readonly (readonly Second[])[] {
  const measured = seconds.filter(({ phase }) => phase === 'measure')
  const blocks: Second[][] = []
  for (let from = 0; from < measured.length; from += 10)
    blocks.push(measured.slice(from, from + 10))
  return blocks.filter(({ length }) => length >= 5)
}

function percentileFigure(kind: LatencyKind, name: 'p99' | 'p50', share: number): ComparedFigure {
  return {
    name: `${kindTexts[kind]}, ${name}`,
    better: 'less',
    text: msText,
    ofRun: ({ result }) => positive(result.latency[kind]?.[name]),
    ofBlock: (seconds) => positive(percentileOf(histogramOf(seconds, kind), share)),
  }
}

function wholeFigure(
  name: string,
  better: ComparedFigure['better'],
  text: (value: number) => string,
  ofRun: ComparedFigure['ofRun'],
): ComparedFigure {
  return { name, better, text, ofRun }
}

/** A ratio of 0 says nothing. */
function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined
}
