import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrame, opcodes } from '../wire/frames.ts'
import { Connection } from './connection.ts'
import { takeFrames } from './take-frames.ts'

/** A frame of a server: of at most 125 bytes, and not masked. */
function frame(first: number, payload: string): Buffer {
  return Buffer.concat([Buffer.of(first, payload.length), Buffer.from(payload)])
}

/** What is made of bytes that come in such pieces. */
function take(pieces: readonly Buffer[]): string[] {
  const heard: string[] = []
  let isOpen = true
  const end = (text: string): void => {
    isOpen = false
    heard.push(text)
  }
  const request = { bytesFor: () => Buffer.of(), accept: '' }
  const connection = new Connection(0, 0, { host: '', port: 0, request }, 0)
  for (const piece of pieces) {
    const { held } = connection
    connection.held = undefined
    takeFrames(connection, held === undefined ? piece : Buffer.concat([held, piece]), {
      open: () => isOpen,
      message: (_, opcode, payload) => heard.push(`${opcode} ${payload}`),
      send: (_, bytes) => heard.push(`sent ${bytes.toString('hex')}`),
      closed: (_, code, reason) => end(`closed ${code} ${reason}`),
      broken: (_, why) => end(`broken: ${why}`),
    })
  }
  return heard
}

describe('frames', () => {
  const all = Buffer.concat([
    frame(0x81, 'one'),
    frame(0x01, 'tw'),
    frame(0x89, 'hm'),
    frame(0x80, 'o'),
    frame(0x8a, ''),
    Buffer.concat([Buffer.of(0x82, 126, 0, 200), Buffer.alloc(200, 'x')]),
    frame(0x81, ''),
    Buffer.concat([Buffer.of(0x88, 6, 0x03, 0xf5), Buffer.from('full')]),
    frame(0x81, 'never read'),
  ])
  const wanted = [
    '1 one',
    `sent ${encodeFrame(opcodes.pong, 'hm').toString('hex')}`,
    '1 two',
    `2 ${'x'.repeat(200)}`,
    '1 ',
    'sent 888200000000' + '03f5',
    'closed 1013 full',
  ]

  it('are the same however they are cut', () => {
    expect(take([all])).toEqual(wanted)
    fc.assert(
      fc.property(fc.array(fc.nat({ max: all.length })), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), all.length]
        const pieces = at.slice(1).map((to, index) => all.subarray(at[index], to))
        expect(take(pieces)).toEqual(wanted)
      }),
    )
  })

  it.each([
    ['a continuation of nothing', [frame(0x80, 'x')], 'broken: a frame continues nothing'],
    [
      'a message inside another',
      [frame(0x01, 'x'), frame(0x81, 'y')],
      'broken: a message begins within another',
    ],
    ['a close without a code', [Buffer.of(0x88, 0)], 'closed 1005 '],
  ])('%s', (_name, pieces, last) => {
    expect(take([Buffer.concat(pieces)]).at(-1)).toBe(last)
  })
})
