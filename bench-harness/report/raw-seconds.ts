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
  yield { says: 'with histograms of ten seconds each', seconds: every10(seconds) }
  const bare = seconds.map((second) => ({ ...second, histograms: {} }))
  yield { says: 'every second without its histograms', seconds: bare }
  yield {
    says: 'a second in ten without its histograms',
    seconds: thinned(bare, seconds.length / 10),
  }
}

/** Histograms of ten seconds are in the last of them. */
function every10(seconds: readonly Second[]): Second[] {
  return seconds.map((second, index) => {
    const next = seconds[index + 1]
    if (next !== undefined && next.phase === second.phase && second.t % 10 !== 9)
      return { ...second, histograms: {} }
    const group = seconds
      .slice(Math.max(0, index - 9), index + 1)
      .filter(
        ({ t, phase }) =>
          phase === second.phase && Math.floor(t / 10) === Math.floor(second.t / 10),
      )
    return { ...second, histograms: mergedOf(group) }
  })
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
