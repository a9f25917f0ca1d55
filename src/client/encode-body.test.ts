import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeFrame } from '../protocol/codec.ts'
import { defaultLimits } from '../protocol/limits.ts'
import type { Json } from '../protocol/message.ts'
import { encodeBody } from './encode-body.ts'

/** An array in an array, so many levels of them. */
function nested(levels: number): Json {
  let body: Json = 1
  for (let level = 0; level < levels; level += 1) body = [body]
  return body
}

/** What the server says to a publish of this body. */
function refusalOfServer(body: unknown) {
  const command = { type: 'publish', ref: 1, channel: 'chat:a', id: 'x', body }
  const decoded = decodeFrame(JSON.stringify(command), defaultLimits)
  const [parsed] = 'commands' in decoded ? decoded.commands : []
  return parsed !== undefined && 'refusal' in parsed ? parsed.refusal : undefined
}

const circular: Json[] = []
circular.push(circular)

describe('encoding a body', () => {
  test('gives its text, and a copy that later changes do not reach', () => {
    const body = { n: 1, list: [1] }
    const { text, value, refusal } = encodeBody(body, defaultLimits)
    body.n = 2
    body.list.push(2)
    expect(text).toBe('{"n":1,"list":[1]}')
    expect(value).toEqual({ n: 1, list: [1] })
    expect(refusal).toBeUndefined()
  })

  test.each<[string, () => unknown]>([
    ['a BigInt', () => 1n],
    ['a BigInt inside', () => ({ n: [1n] })],
    ['undefined', () => undefined],
    ['a function', () => () => 1],
    ['a symbol', () => Symbol('x')],
    ['a circle', () => circular],
    ['what is nested beyond the stack', () => nested(20_000)],
    ['an object whose toJSON throws', () => ({ toJSON: () => JSON.parse('{') })],
  ])('%s is refused, and given back as it is', (_what, make) => {
    const body = make()
    const { value, refusal } = encodeBody(body as Json, defaultLimits)
    expect(refusal).toMatchObject({ code: 'BAD_COMMAND', retry: false })
    expect(value === body).toBe(true)
  })

  test('bytes count, not characters', () => {
    const limits = { ...defaultLimits, bodyBytesMax: 10 }
    expect(encodeBody('é'.repeat(4), limits).refusal).toBeUndefined()
    expect(encodeBody('é'.repeat(5), limits)).toMatchObject({
      refusal: { code: 'TOO_LARGE', message: 'the body has 12 bytes; the server takes 10' },
      value: 'ééééé',
    })
  })

  test('the key __proto__ is refused, however deep it stands', () => {
    const body = JSON.parse('{"a":[{"__proto__":{"x":1}}]}') as Json
    expect(encodeBody(body, defaultLimits).refusal).toMatchObject({ code: 'BAD_COMMAND' })
  })

  test('a body is as deep as the server takes, and not one level more', () => {
    for (let levels = 0; levels < 40; levels += 1) {
      const here = encodeBody(nested(levels), defaultLimits).refusal
      expect(here?.code).toBe(refusalOfServer(nested(levels))?.code)
    }
    expect(encodeBody(nested(31), defaultLimits).refusal).toBeUndefined()
    expect(encodeBody(nested(32), defaultLimits).refusal?.code).toBe('BAD_COMMAND')
  })

  test('whatever JSON it is, the server refuses what is refused here, and nothing else', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (body) => {
        const here = encodeBody(body as Json, defaultLimits).refusal
        expect(here?.code).toBe(refusalOfServer(body)?.code)
      }),
    )
  })
})
