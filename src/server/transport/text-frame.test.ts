import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeTextFrame } from './text-frame.ts'

/** What ws itself puts on the wire; its types do not name it. */
const { Sender } = createRequire(import.meta.url)('ws') as {
  readonly Sender: { frame(payload: Buffer, options: object): readonly Uint8Array[] }
}

function frameOfWs(text: string): Buffer {
  const options = { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true }
  return Buffer.concat(Sender.frame(Buffer.from(text), options))
}

test('at each bound of a length a frame is to the byte what ws sends', () => {
  for (const bytes of [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]) {
    const text = 'x'.repeat(bytes)
    const { bytes: frame, headBytes } = encodeTextFrame(text)
    expect(frame.equals(frameOfWs(text)), `${bytes} bytes`).toBe(true)
    expect(frame.subarray(headBytes).toString()).toBe(text)
  }
})

test('any text makes the frame that ws makes of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(encodeTextFrame(text).bytes.equals(frameOfWs(text))).toBe(true)
    }),
  )
})
