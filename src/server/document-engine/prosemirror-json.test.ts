import { describe, expect, test } from 'vitest'
import type { Json } from '../../protocol/index.ts'
import { parseProseMirror } from './prosemirror-json.ts'

/** JSON as it comes over the wire: `__proto__` is a key like another there. */
const parse = (text: string) => parseProseMirror(JSON.parse(text) as Json)

const inParagraph = (more: string) =>
  `{"type":"doc","content":[{"type":"paragraph",${more}"content":[{"type":"text","text":"x"}]}]}`

describe('what no object can have as a name is refused', () => {
  test.each([
    ['as the document', '{"type":"__proto__"}'],
    ['as a node', '{"type":"doc","content":[{"type":"__proto__"}]}'],
    [
      'as a mark',
      '{"type":"doc","content":[{"type":"text","text":"x","marks":[{"type":"__proto__"}]}]}',
    ],
    ['as an attribute', inParagraph('"attrs":{"__proto__":1},')],
    ['within an attribute', inParagraph('"attrs":{"a":[{"b":{"__proto__":{"x":1}}}]},')],
    [
      'as an attribute of a mark',
      '{"type":"doc","content":[{"type":"text","text":"x","marks":[{"type":"b","attrs":{"__proto__":1}}]}]}',
    ],
  ])('%s', (_where, text) => {
    expect(parse(text)).toEqual(expect.stringContaining('__proto__'))
    expect(Object.prototype).not.toHaveProperty('x')
  })
})

test.each(['constructor', 'toString', 'hasOwnProperty', 'prototype'])(
  'the name %s is one like another',
  (name) => {
    const text = `{"type":"doc","content":[{"type":"${name}","attrs":{"${name}":1}}]}`
    expect(parse(text)).toEqual(JSON.parse(text))
  },
)

test('a name is a node’s or a mark’s, and not both', () => {
  const text =
    '{"type":"doc","content":[{"type":"text","text":"x","marks":[{"type":"bold"}]},{"type":"bold"}]}'
  expect(parse(text)).toBe("'bold' is a node and a mark")
  const asText = '{"type":"doc","content":[{"type":"text","text":"x","marks":[{"type":"text"}]}]}'
  expect(parse(asText)).toBe("'text' is a node and a mark")
})

test('attributes may be nested, and not without end', () => {
  const nested = (depth: number) =>
    inParagraph(`"attrs":{"a":${'['.repeat(depth)}${']'.repeat(depth)}},`)
  expect(typeof parse(nested(40))).toBe('object')
  expect(parse(nested(5_000))).toEqual(expect.stringContaining('deeper'))
})
