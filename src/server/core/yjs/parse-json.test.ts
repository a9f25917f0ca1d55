import fc from 'fast-check'
import { expect, test } from 'vitest'
import { measureJson, parseDocumentJson } from './parse-json.ts'

const limits = { depthMax: 8, nodesMax: 100 }
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

function nodesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return 1 + Object.values(value).reduce((sum: number, one) => sum + nodesOf(one), 0)
}

test('the depth is exact, and the number of values is right within a factor of 2', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.boolean(), (value, isSpaced) => {
      const text = JSON.stringify(value, null, isSpaced ? 2 : undefined)
      const { depth, nodes } = measureJson(bytesOf(text))
      expect(depth).toBe(depthOf(value))
      expect(nodes).toBeGreaterThanOrEqual(nodesOf(value) / 2)
      expect(nodes).toBeLessThanOrEqual(nodesOf(value) * 2)
    }),
  )
})

test('brackets and commas within strings count for nothing, whatever is escaped there', () => {
  const text = JSON.stringify({ '[[{,"\\': '\\"[[[,,,\\\\', b: '\\' })
  expect(measureJson(bytesOf(text))).toEqual({ depth: 1, nodes: 3 })
})

test('JSON beyond the depth or value limit is refused, and JSON at the limit is accepted', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  const wide = (count: number): string => `[${Array.from({ length: count }, () => '{}').join(',')}]`
  expect(parseDocumentJson(bytesOf(nested(8)), limits)).toHaveProperty('json')
  expect(parseDocumentJson(bytesOf(nested(9)), limits)).toEqual({
    refusal: 'the JSON is nested deeper than 8 levels',
  })
  expect(parseDocumentJson(bytesOf(nested(1_000_000)), limits)).toHaveProperty('refusal')
  expect(parseDocumentJson(bytesOf(wide(40)), limits)).toHaveProperty('json')
  expect(parseDocumentJson(bytesOf(wide(101)), limits)).toEqual({
    refusal: 'the JSON has more than 100 values',
  })
})

test('malformed JSON is refused as BAD_JSON', () => {
  for (const text of ['', '{', '[1,]', '"', '"\\', ']', '\ud800'])
    expect(parseDocumentJson(bytesOf(text), limits)).toMatchObject({ fault: 'BAD_JSON' })
})
