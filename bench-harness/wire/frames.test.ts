import { describe, expect, it } from 'vitest'
import { encodeClose, encodeFrame, messageBytesMax, opcodes, readHead } from './frames.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

describe('a frame of a server, as in the examples of RFC 6455, section 5.7', () => {
  const { text, continuation, ping, binary } = opcodes
  it.each([
    ['a text', '81 05 48 65 6c 6c 6f', text, true, 2, 5],
    ['the first fragment of a text', '01 03 48 65 6c', text, false, 2, 3],
    ['its second', '80 02 6c 6f', continuation, true, 2, 2],
    ['a ping', '89 05 48 65 6c 6c 6f', ping, true, 2, 5],
    ['256 bytes', '82 7e 01 00', binary, true, 4, 256],
    ['64 KiB', '82 7f 00 00 00 00 00 01 00 00', binary, true, 10, 65_536],
  ])('%s', (_name, hex, opcode, final, headBytes, payloadBytes) => {
    const wanted = { opcode, final, headBytes, payloadBytes }
    expect(readHead(bytes(hex), 0)).toEqual(wanted)
    expect(readHead(bytes(`00 00 00 ${hex}`), 3)).toEqual(wanted)
    for (let length = 0; length < headBytes; length += 1)
      expect(readHead(bytes(hex).subarray(0, length), 0)).toBeUndefined()
  })

  it.each([
    ['a masked text', '81 85 37 fa 21 3d 7f 9f 4d 51 58', 'masked'],
    ['a reserved bit', 'c1 02 68 69', 'reserved bit'],
    ['an opcode that is none', '83 00', 'opcode 3'],
    ['a control opcode that is none', '8b 00', 'opcode 11'],
    ['a ping in fragments', '09 01 61', 'control frame'],
    ['a ping of 126 bytes', '89 7e 00 7e', 'control frame'],
    ['more than is taken', '82 7f 00 00 00 00 04 00 00 01', `${messageBytesMax + 1} bytes`],
    ['a length above 2^63', '82 7f ff ff ff ff ff ff ff ff', 'bytes'],
  ])('%s is refused', (_name, hex, why) => {
    expect(readHead(bytes(hex), 0)).toContain(why)
  })
})

describe('a frame of ours', () => {
  it('is final, masked with zeros, and as short as can be', () => {
    expect(encodeFrame(opcodes.text, 'Hello')).toEqual(bytes('81 85 00000000 48 65 6c 6c 6f'))
    expect(encodeFrame(opcodes.text, 'é')).toEqual(bytes('81 82 00000000 c3 a9'))
    expect(encodeFrame(opcodes.binary, Buffer.alloc(125)).subarray(0, 2)).toEqual(bytes('82 fd'))
    expect(encodeFrame(opcodes.binary, Buffer.alloc(256)).subarray(0, 8)).toEqual(
      bytes('82 fe 01 00 00000000'),
    )
    expect(encodeFrame(opcodes.binary, Buffer.alloc(65_536)).subarray(0, 14)).toEqual(
      bytes('82 ff 00 00 00 00 00 01 00 00 00000000'),
    )
  })

  it('that closes has its code', () => {
    expect(encodeClose(1_000)).toEqual(bytes('88 82 00000000 03 e8'))
  })
})
