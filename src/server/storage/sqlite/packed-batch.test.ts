import { describe, expect, test } from 'vitest'
import {
  bytesOfPayload,
  bytesOfText,
  Packer,
  payloadOfBytes,
  textOfBytes,
  Unpacker,
} from '../packed.ts'
import { decodeBatch, decodeResults, encodeBatch, encodeResults } from './packed-batch.ts'
import { decodePage, encodePage } from './packed-page.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('a batch', () => {
  test('has its count, then each item', () => {
    const batch = encodeBatch([
      { kind: 'event', channel: 'a', payload: '{}', key: 'k', keySum: 1, expect: 2, erase: 3 },
      { kind: 'event', channel: 'a', payload: '{}' },
      { kind: 'latest', channel: 'a', name: 'n', payload: '{}' },
      { kind: 'probe' },
    ])
    expect(hex(batch)).toBe(
      [
        '04000000',
        '010f 01000000 61 02000000 7b7d 01000000 6b',
        '000000000000f03f 0000000000000040 0000000000000840',
        '0100 01000000 61 02000000 7b7d',
        '0200 01000000 61 01000000 6e 02000000 7b7d',
        '0300',
      ]
        .join('')
        .replaceAll(' ', ''),
    )
    expect(decodeBatch(batch)).toEqual([
      {
        kind: 'event',
        channel: Buffer.from('a'),
        payload: Buffer.from('{}'),
        key: Buffer.from('k'),
        keySum: 1,
        expect: 2,
        erase: 3,
      },
      {
        kind: 'event',
        channel: Buffer.from('a'),
        payload: Buffer.from('{}'),
        key: null,
        keySum: null,
        expect: undefined,
        erase: undefined,
      },
      {
        kind: 'latest',
        channel: Buffer.from('a'),
        name: Buffer.from('n'),
        payload: Buffer.from('{}'),
      },
      { kind: 'probe' },
    ])
  })

  test('tells an empty key from none', () => {
    const [empty, none] = decodeBatch(
      encodeBatch([
        { kind: 'event', channel: 'a', payload: '', key: '' },
        { kind: 'event', channel: 'a', payload: '' },
      ]),
    )
    expect(empty).toMatchObject({ key: Buffer.alloc(0) })
    expect(none).toMatchObject({ key: null })
  })

  test('has bytes behind a zero byte, and no text begins with one', () => {
    const payloads = [Uint8Array.of(1, 0xff), new Uint8Array(0), '\u0000', '']
    const batch = encodeBatch(
      payloads.map((payload) => ({ kind: 'event', channel: 'a', payload })),
      0,
    )
    expect(decodeBatch(batch)).toMatchObject(
      ['0001ff', '00', 'ff0000', ''].map((stored) => ({ payload: Buffer.from(stored, 'hex') })),
    )
  })

  test('grows as it must, whatever was guessed', () => {
    const payload = 'ü'.repeat(100_000)
    const batch = encodeBatch([{ kind: 'latest', channel: 'a', name: 'n', payload }], 0)
    expect(decodeBatch(batch)).toMatchObject([{ payload: Buffer.from(payload) }])
  })

  test('that ends early or holds another kind is refused', () => {
    const batch = encodeBatch([{ kind: 'latest', channel: 'a', name: 'n', payload: '{}' }])
    expect(() => decodeBatch(batch.subarray(0, -1))).toThrow(RangeError)
    batch[4] = 9
    expect(() => decodeBatch(batch)).toThrow('no packed item is of kind 9')
  })
})

test('results have a byte for their kind and a number', () => {
  const results = [
    { kind: 'appended', offset: 1 },
    { kind: 'duplicate', offset: 2, same: true },
    { kind: 'duplicate', offset: 2, same: false },
    { kind: 'conflict', head: 9_007_199_254_740_991 },
    { kind: 'kept' },
  ] as const
  const bytes = encodeResults(results)
  expect(hex(bytes)).toBe(
    [
      '05000000',
      '01 000000000000f03f',
      '02 0000000000000040',
      '03 0000000000000040',
      '04 ffffffffffff3f43',
      '05',
    ]
      .join('')
      .replaceAll(' ', ''),
  )
  expect(decodeResults(bytes)).toEqual(results)
})

test('a page has its first offset once, and tells an erased event from an empty one', () => {
  const bytes = encodePage(7, [Buffer.from('{}'), null, Buffer.alloc(0)])
  expect(hex(bytes)).toBe('030000000000000000001c40010200' + '00007b7d000100000000')
  expect(decodePage(bytes)).toEqual([
    { offset: 7, payload: '{}' },
    { offset: 8, payload: undefined },
    { offset: 9, payload: '' },
  ])
})

test('a page gives bytes memory of their own, and tells none of them from empty text', () => {
  const stored = [Buffer.of(0, 0, 0xff), Buffer.of(0), Buffer.alloc(0)]
  const events = decodePage(encodePage(1, stored))
  expect(events.map(({ payload }) => payload)).toStrictEqual([
    Uint8Array.of(0, 0xff),
    new Uint8Array(0),
    '',
  ])
  const [payload] = events.map((event) => event.payload)
  expect(payload).toHaveProperty('buffer.byteLength', 2)
})

test('what is stored of a payload by itself is what a batch has', () => {
  for (const payload of [
    '{"n":1}',
    '\u0000',
    '\ud800',
    '',
    Uint8Array.of(0, 1),
    new Uint8Array(0),
  ]) {
    const stored = bytesOfPayload(payload)
    expect(decodeBatch(encodeBatch([{ kind: 'event', channel: 'a', payload }]))).toMatchObject([
      { payload: Buffer.from(stored) },
    ])
    expect(payloadOfBytes(Buffer.from(stored))).toStrictEqual(payload)
  }
})

describe('text', () => {
  test('is its UTF-8', () => {
    expect(hex(bytesOfText('aü漢😀'))).toBe('61c3bce6bca2f09f9880')
    expect(textOfBytes(bytesOfText('aü漢😀'))).toBe('aü漢😀')
  })

  test('with half a surrogate pair is marked and kept, different from every other', () => {
    expect(hex(bytesOfText('a\ud800'))).toBe('ff610000d8')
    for (const text of ['a\ud800', '\udfff', '\udc00\ud800', '\ufffd']) {
      expect(textOfBytes(bytesOfText(text))).toBe(text)
      const packer = new Packer(0)
      packer.text(text)
      expect(new Unpacker(packer.finish()).text()).toBe(text)
    }
    expect(bytesOfText('\ud800')).not.toEqual(bytesOfText('\ud801'))
  })
})
