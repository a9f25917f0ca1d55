import { gzipSync } from 'node:zlib'
import type { RunBundle, Second } from '../bundle/bundle.ts'
import { mergeEncoded } from '../histogram/histogram.ts'
import { bytesText, plural } from './figures.ts'
import { type Html, html, nothing } from './html.ts'
import { thinned } from './thinned.ts'

interface Raw {
  readonly says: string
  readonly seconds: readonly Second[]
}

/**
 * The run itself as a download that is part of the page, in as much detail as there is room for: plan, environment, result, events and
 * seconds, gzipped JSON.
 */
export function rawSeconds(bundle: RunBundle, base64CharsMax: number): Html {
  const { run } = bundle.plan
  for (const { says, seconds } of detailsOf(bundle.seconds)) {
    const data = gzipSync(JSON.stringify({ ...bundle, seconds }), { level: 9 }).toString('base64')
    if (data.length > base64CharsMax) continue
    return html`<p><a class="button" download="${run}.rusher-run.json.gz" href="data:application/gzip;base64,${data}">Download ${plural(bundle.seconds.length, 'second')} of raw figures</a></p><p class="note">${bytesText((data.length * 3) / 4)} of gzipped JSON, ${says}. ${whereAll(bundle)}</p>`
  }
  return html`<p class="note">The seconds are too many to be part of this page. ${whereAll(bundle)}</p>`
}

function* detailsOf(seconds: readonly Second[]): Generator<Raw> {
  yield { says: 'with every histogram of every second', seconds }
  yield { says: 'with histograms of ten seconds each', seconds: merged(seconds, 10) }
  yield { says: 'with histograms of a minute each', seconds: merged(seconds, 60) }
  const bare = seconds.map((second) => ({ ...second, histograms: {} }))
  yield { says: 'without histograms', seconds: bare }
  for (const every of [10, 60])
    yield {
      says: `one second in ${every}, without histograms`,
      seconds: thinned(bare, seconds.length / every),
    }
}

/** Histograms of so many seconds, but of no two phases, are together in the last of them. */
function merged(seconds: readonly Second[], span: number): Second[] {
  const groups = Map.groupBy(seconds, ({ t, phase }) => `${phase} ${Math.floor(t / span)}`)
  return [...groups.values()].flatMap((group) =>
    group.map((second) => ({
      ...second,
      histograms: second === group.at(-1) ? mergedOf(group) : {},
    })),
  )
}

function mergedOf(group: readonly Second[]): Second['histograms'] {
  const kinds = [...new Set(group.flatMap(({ histograms }) => Object.keys(histograms)))]
  return Object.fromEntries(
    kinds.map((kind) => [
      kind,
      mergeEncoded(
        group.flatMap(({ histograms }) => histograms[kind as keyof typeof histograms] ?? []),
      ),
    ]),
  )
}

function whereAll({ result }: RunBundle): Html {
  return result.bundle === undefined
    ? nothing
    : html`Everything is in <code>${result.bundle}</code>; <code>rusher bench verify</code> works the result out again from it.`
}
