import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { earlyFrameOf, earlyProtocols } from './early-frame.ts'

/** What RFC 9110 section 5.6.2 allows in a token. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

describe('a first frame that comes with the upgrade', () => {
  it('is offered in tokens, and read as it was, however a proxy spaces them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (frame) => {
        const protocols = earlyProtocols(frame)
        fc.pre(protocols !== undefined)
        expect(protocols.every((protocol) => token.test(protocol))).toBe(true)
        for (const comma of [',', ', ', ' ,\t'])
          expect(earlyFrameOf(protocols.join(comma))).toBe(frame)
        expect(earlyFrameOf(['other', ...protocols.toReversed()].join(', '))).toBe(frame)
      }),
    )
  })

  it('is not offered when it is longer than a head should be, or no well-formed text', () => {
    expect(earlyProtocols('x'.repeat(4_096))).toBeDefined()
    expect(earlyProtocols('x'.repeat(4_097))).toBeUndefined()
    // Three characters each, there.
    expect(earlyProtocols('"'.repeat(1_366))).toBeUndefined()
    expect(earlyProtocols('\ud800')).toBeUndefined()
  })

  it('is not there where nothing was offered, something else was, or what cannot be read', () => {
    for (const offered of [
      undefined,
      '',
      'rusher',
      'graphql-ws, mqtt',
      'rusher.early.%7B%7D',
      'rusher, rusher.early.%E0%A4%A',
      'rusher, rusher.early.%FF',
    ]) {
      expect(earlyFrameOf(offered)).toBeUndefined()
    }
  })
})
