import type { Second } from '../bundle/bundle.ts'
import { type Began, grouped } from './evidence.ts'

/** Seconds without an answer before it is more than a pause. */
const stallS = 2

/**
 * The longest stretch in which the server answered nothing, neither messages nor probes, while the
 * load generator kept its schedule. `undefined` when it was shorter than two seconds.
 */
export function findStall(seconds: readonly Second[]): Began | undefined {
  let longest: readonly Second[] = []
  let stretch: Second[] = []
  let isProbed = false
  for (const second of seconds) {
    isProbed ||= probeAnswers(second) > 0
    if (isSilent(second, isProbed)) stretch.push(second)
    else stretch = []
    if (stretch.length > longest.length) longest = [...stretch]
  }
  const [first] = longest
  if (first === undefined || longest.length < stallS) return undefined
  const sent = longest.reduce((sum, { counters }) => sum + counters.sent, 0)
  const meanwhile = sent === 0 ? '' : `, while ${grouped(sent)} messages were sent to it`
  const proof = `it answered nothing for ${longest.length} s from second ${first.t} on${meanwhile}`
  return { t: first.t, limiter: { resource: 'server not answering', side: 'server', proof } }
}

function isSilent(second: Second, isProbed: boolean): boolean {
  const { phase, counters, overloaded } = second
  const { sent, acknowledged, refused, delivered } = counters
  return (
    (phase === 'settle' || phase === 'measure') &&
    overloaded.length === 0 &&
    (sent > 0 || isProbed) &&
    acknowledged + refused + delivered + probeAnswers(second) === 0
  )
}

function probeAnswers({ histograms }: Second): number {
  return histograms.probe?.n ?? 0
}
