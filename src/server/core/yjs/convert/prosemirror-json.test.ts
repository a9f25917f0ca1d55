import { describe, expect, test } from 'vitest'
import type { Json } from '../../../../protocol/index.ts'
import { parseProseMirror } from './prosemirror-json.ts'

/** JSON as it comes over the wire, where `__proto__` is a key like any other. */
const parse = (text: string) => parseProseMirror(JSON.parse(text) as Json)

const inParagraph = (more: string) =>
  `{"type":"doc","content":[{"type":"paragraph",${more}"content":[{"type":"text","text":"x"}]}]}`

describe('the name __proto__ is refused', () => {
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
    expect(() => parse(text)).toThrow('__proto__')
    expect(Object.prototype).not.toHaveProperty('x')
  })
})

test.each(['constructor', 'toString', 'hasOwnProperty', 'prototype'])(
  'the name %s is taken like any other',
  (name) => {
    const text = `{"type":"doc","content":[{"type":"${name}","attrs":{"${name}":1}}]}`
    expect(parse(text)).toEqual(JSON.parse(text))
  },
)
