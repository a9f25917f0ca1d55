import { describe, expect, test } from 'vitest'
import { decodeAwareness, encodeAwareness } from '../../edge/documents/awareness.ts'
import { parseConnectionParams } from '../../edge/documents/connection-params.ts'
import { body, decodeAddressed, decodePlain, frameOf } from './frames.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const of = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

describe('frames', () => {
  test.each([
    ['step 1 of an empty document', body.step1(of('00')), '00000100'],
    ['step 2 with nothing missing', body.step2(of('0000')), '0001020000'],
    ['an awareness without entries', body.awareness(encodeAwareness([])), '010100'],
    ['a denial of y-protocols', body.denied('no'), '0200026e6f'],
    ['a request for the token', frameOf('d', body.hocuspocus.sendToken()), '01640200'],
    [
      'a denial',
      frameOf('d', body.hocuspocus.denied('permission-denied')),
      '0164020111 7065726d697373696f6e2d64656e696564',
    ],
    [
      'who may write',
      frameOf('d', body.hocuspocus.authenticated('read-write')),
      '016402020a 726561642d7772697465',
    ],
    [
      'who may read',
      frameOf('d', body.hocuspocus.authenticated('readonly')),
      '0164020208 726561646f6e6c79',
    ],
    ['an acknowledgement', frameOf('d', body.hocuspocus.status(true)), '01640801'],
    ['a refusal', frameOf('d', body.hocuspocus.status(false)), '01640800'],
    [
      'an acknowledgement to a session',
      frameOf('d\0x1', body.hocuspocus.status(true)),
      '04640078310801',
    ],
    ['a stateless message', frameOf('d', body.hocuspocus.stateless('hi')), '016405026869'],
    ['the end of a document', frameOf('d', body.hocuspocus.close('bye')), '016407 03627965'],
  ])('%s is written to the byte', (_what, bytes, expected) => {
    expect(hex(bytes)).toBe(expected.replaceAll(' ', ''))
  })

  test('of both families are read to the byte', () => {
    expect(decodePlain(of('00 00 01 00'))).toEqual({ kind: 'step 1', stateVector: of('00') })
    expect(decodePlain(of('00 02 02 00 00'))).toEqual({ kind: 'update', update: of('0000') })
    expect(decodePlain(of('03'))).toEqual({ kind: 'query awareness' })
    expect(decodeAddressed(of('01 64 02 00 01 74'))).toEqual({
      address: 'd',
      message: { kind: 'token', token: 't' },
    })
    expect(decodeAddressed(of('01 64 02 00 01 74 05 34 2e 38 2e 30'))?.message).toEqual({
      kind: 'token',
      token: 't',
      providerVersion: '4.8.0',
    })
    expect(decodeAddressed(of('01 64 07'))?.message).toEqual({ kind: 'close' })
    expect(decodeAddressed(of('01 64 63 01'))?.message).toEqual({ kind: 'unknown', type: 99 })
  })

  test('that are cut short or claim more than they have are none', () => {
    for (const bad of [
      '00 00 05 00',
      '00',
      '01 ff ff ff ff 0f',
      '00 02 ff ff ff ff ff ff ff ff ff 01',
    ]) {
      expect(decodePlain(of(bad))).toBeUndefined()
    }
    expect(decodeAddressed(of('ff 01'))).toBeUndefined()
  })
})

describe('awareness', () => {
  test('entries are read and written to the byte', () => {
    const entry = { client: 1, clock: 0, state: '{}' }
    expect(hex(body.awareness(encodeAwareness([entry])))).toBe(
      '010601010002 7b7d'.replaceAll(' ', ''),
    )
    expect(decodeAwareness(of('01 01 01 04 6e 75 6c 6c'))).toEqual([
      { client: 1, clock: 1, state: 'null' },
    ])
    expect(decodeAwareness(of('05 01'))).toBeUndefined()
  })
})

describe('the path of a document', () => {
  const read = (url: string) => parseConnectionParams({ url }, '/docs')

  test('names it, as it is and percent-encoded', () => {
    expect(read('/docs').document).toBeUndefined()
    expect(read('/docs/').document).toBeUndefined()
    expect(read('/docs/a/b').document).toBe('a/b')
    expect(read('/docs/M%C3%A4rz%20x?token=t').document).toBe('März x')
    for (const bad of ['/docs/%', '/docs/%20', '/docs/a%00', `/docs/${'x'.repeat(257)}`]) {
      expect(read(bad).document).toBe('')
    }
  })

  test('says who it is, and what its editor knows', () => {
    expect(read('/docs?user=ann&name=Ann&nodes=doc,p&marks=bold')).toMatchObject({
      token: undefined,
      user: { id: 'ann', name: 'Ann' },
      vocabulary: { nodes: ['doc', 'p'], marks: ['bold'] },
    })
    expect(read('/docs?token=abc').token).toBe('abc')
  })
})
