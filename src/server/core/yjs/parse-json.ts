import type { Json } from '../../../protocol/index.ts'
import type { ContentRefusal, JsonLimits } from './document-engine.ts'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const openList = 0x5b
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/**
 * Measures the nesting of JSON and a lower bound of its number of values, in one pass without
 * allocation. Malformed JSON gives arbitrary numbers; the parser rejects it afterwards.
 */
export function measureJson(bytes: Uint8Array): { readonly depth: number; readonly nodes: number } {
  let depth = 0
  let deepest = 0
  let nodes = 1
  let inText = false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (inText) {
      if (byte === backslash) at += 1
      else if (byte === quote) inText = false
      continue
    }
    switch (byte) {
      case quote:
        inText = true
        break
      case openList:
      case openObject:
        depth += 1
        nodes += 1
        if (depth > deepest) deepest = depth
        break
      case closeList:
      case closeObject:
        depth -= 1
        break
      case comma:
        nodes += 1
        break
      default:
    }
  }
  return { depth: deepest, nodes }
}

/** Parses a document's JSON. Checks the limits before it parses. */
export function parseDocumentJson(
  bytes: Uint8Array,
  { depthMax, nodesMax }: JsonLimits,
): { readonly json: Json } | ContentRefusal {
  const { depth, nodes } = measureJson(bytes)
  if (depth > depthMax) return { refusal: `the JSON is nested deeper than ${depthMax} levels` }
  if (nodes > nodesMax) return { refusal: `the JSON has more than ${nodesMax} values` }
  try {
    return { json: JSON.parse(new TextDecoder().decode(bytes)) as Json }
  } catch {
    return { refusal: 'the body is not JSON', fault: 'BAD_JSON' }
  }
}
