/** What is held against a run: `ready` and `loss` are its own figures, the rest percentiles of a kind of latency. */
export interface SloTerm {
  readonly text: string
  /** `ready`: share of the wanted connections; `loss`: faults in the history; otherwise a percentile as p50, p99, p99.9, max. */
  readonly figure: string
  /** For a percentile: the kind of latency; absent: the scenario's headline. */
  readonly kind?: string
  readonly operator: '<' | '<=' | '>' | '>=' | '='
  /** A share for `ready`, a count for `loss`, milliseconds for a percentile. */
  readonly bound: number
}

export class SloSyntaxError extends Error {}

const shape = /^(?:([a-z]+)\.)?([a-z][a-z0-9.]*)(<=|>=|<|>|=)(\d+(?:\.\d+)?)(%|ms|s)?$/

/**
 * Reads `ready>=99.9% p99<50ms loss=0`; a percentile may name its kind, as in `delivery.p99<50ms`. Throws a `SloSyntaxError` that says which
 * term it could not read.
 */
export function parseSlo(text: string): readonly SloTerm[] {
  return text
    .split(/[\s,]+/)
    .filter((term) => term !== '')
    .map(parseTerm)
}

function parseTerm(text: string): SloTerm {
  const found = shape.exec(text)
  const [, kind, figure = '', operator = '', digits = '', unit] = found ?? []
  const wrong = (why: string): SloSyntaxError =>
    new SloSyntaxError(`"${text}" ${why}; write for example ready>=99.9% p99<50ms loss=0`)
  if (found === null) throw wrong('is no comparison')
  const number = Number(digits)
  const term = { text, figure, operator: operator as SloTerm['operator'] }
  if (figure === 'ready') {
    if (unit !== '%' || kind !== undefined) throw wrong('needs a percentage')
    return { ...term, bound: number / 100 }
  }
  if (figure === 'loss') {
    if (unit !== undefined || kind !== undefined) throw wrong('needs a plain number')
    return { ...term, bound: number }
  }
  if (!/^(?:p50|p90|p99|p99\.9|p99\.99|max)$/.test(figure))
    throw wrong('names no figure (ready, loss, p50, p90, p99, p99.9, p99.99, max)')
  if (unit !== 'ms' && unit !== 's') throw wrong('needs a time in ms or s')
  const bound = unit === 's' ? number * 1_000 : number
  return { ...term, ...(kind === undefined ? {} : { kind }), bound }
}
