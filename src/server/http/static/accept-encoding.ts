/** The content codings that the server makes. */
export type Encoding = 'br' | 'gzip'

/** Preferred first where a client accepts both equally: Brotli output is smaller. */
const encodings: readonly Encoding[] = ['br', 'gzip']

/** Elements of a header that are parsed; a real browser sends at most five. */
const elementsMax = 32

/**
 * The coding to send for an `Accept-Encoding` header (RFC 9110, 12.5.3); undefined sends the file
 * as it is. A malformed element is ignored.
 */
export function negotiateEncoding(header: string | undefined): Encoding | undefined {
  if (header === undefined) return undefined
  const weights = parseWeights(header)
  const any = weights.get('*') ?? 0
  let best: Encoding | undefined
  let bestWeight = 0
  for (const encoding of encodings) {
    const weight = weights.get(encoding) ?? any
    if (weight <= bestWeight) continue
    best = encoding
    bestWeight = weight
  }
  // A client may prefer the file as it is.
  return bestWeight < (weights.get('identity') ?? 0) ? undefined : best
}

function parseWeights(header: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const element of header.split(',', elementsMax)) {
    const match = /^\s*([\w*-]+)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i.exec(element)
    const [, name, weight = '1'] = match ?? []
    if (name === undefined) continue
    const coding = name.toLowerCase()
    weights.set(coding === 'x-gzip' ? 'gzip' : coding, Number(weight))
  }
  return weights
}
