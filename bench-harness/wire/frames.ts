/*
 * The frames of RFC 6455, section 5, as a client of a load test needs them: as cheap as can be, but every length is checked, since a server
 * under test is not to be trusted either.
 */

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const finBit = 0x80
const maskBit = 0x80
const maskBytes = 4

/**
 * One whole masked frame. The mask is zero: a server has to undo it like any other, and a client has nothing to compute. What a mask guards
 * against (RFC 6455, section 10.3) are caches between us, and there are none.
 */
export function encodeFrame(opcode: number, payload: string | Uint8Array): Buffer {
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
  const headBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headBytes + maskBytes + length)
  frame[0] = finBit | opcode
  if (headBytes === 2) frame[1] = maskBit | length
  else if (headBytes === 4) {
    frame[1] = maskBit | 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = maskBit | 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.fill(0, headBytes, headBytes + maskBytes)
  if (typeof payload === 'string') frame.write(payload, headBytes + maskBytes)
  else frame.set(payload, headBytes + maskBytes)
  return frame
}

/** A close frame with a code and no reason. */
export function encodeClose(code: number): Buffer {
  return encodeFrame(opcodes.close, Uint8Array.of(code >> 8, code & 0xff))
}

/** The head of a frame that a server sent. */
export interface FrameHead {
  readonly opcode: number
  readonly final: boolean
  /** Bytes of the head itself. */
  readonly headBytes: number
  readonly payloadBytes: number
}

/** Largest message that is taken from a server, in bytes. */
export const messageBytesMax = 64 * 1024 * 1024

/**
 * Reads the head of a frame at a place in what came. Gives `undefined` while it is not all there, and a text when no server may send this
 * (RFC 6455, sections 5.1, 5.2 and 5.5).
 */
export function readHead(bytes: Buffer, at: number): FrameHead | string | undefined {
  const first = bytes[at]
  const second = bytes[at + 1]
  if (first === undefined || second === undefined) return undefined
  const opcode = first & 0x0f
  const final = (first & finBit) !== 0
  if ((first & 0x70) !== 0) return 'a reserved bit is set, though no extension was agreed on'
  if ((second & maskBit) !== 0) return 'a frame of the server is masked'
  if (opcode > 10 || (opcode > 2 && opcode < 8)) return `opcode ${opcode} has no meaning`
  if (opcode >= 8 && (!final || (second & 0x7f) > 125)) return 'a control frame is cut or too long'
  const short = second & 0x7f
  if (short < 126) return { opcode, final, headBytes: 2, payloadBytes: short }
  if (short === 126) {
    if (bytes.length < at + 4) return undefined
    return { opcode, final, headBytes: 4, payloadBytes: bytes.readUInt16BE(at + 2) }
  }
  if (bytes.length < at + 10) return undefined
  const length = bytes.readBigUInt64BE(at + 2)
  if (length > BigInt(messageBytesMax)) return `a frame claims ${length} bytes`
  return { opcode, final, headBytes: 10, payloadBytes: Number(length) }
}
