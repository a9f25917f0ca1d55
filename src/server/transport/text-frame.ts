/**
 * One text message as a server puts it on the wire: header and payload in one piece (RFC 6455 section 5.2: FIN, opcode 1, no
 * mask), so that a frame which many sessions get is made once and each of them costs one write.
 */
export interface TextFrame {
  readonly bytes: Buffer
  /** Bytes of the header; the payload follows. */
  readonly headBytes: number
}

const finText = 0x81
const length16 = 126
const length64 = 127

/** Makes the frame of a text. Its bytes may be shared and must not change. */
export function encodeTextFrame(text: string): TextFrame {
  const payloadBytes = Buffer.byteLength(text)
  const headBytes = payloadBytes < length16 ? 2 : payloadBytes <= 0xffff ? 4 : 10
  const bytes = Buffer.allocUnsafe(headBytes + payloadBytes)
  bytes[0] = finText
  if (headBytes === 2) bytes[1] = payloadBytes
  else if (headBytes === 4) {
    bytes[1] = length16
    bytes.writeUInt16BE(payloadBytes, 2)
  } else {
    bytes[1] = length64
    bytes.writeUIntBE(0, 2, 2)
    bytes.writeUIntBE(payloadBytes, 4, 6)
  }
  bytes.write(text, headBytes)
  return { bytes, headBytes }
}
