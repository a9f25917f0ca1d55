import type { Payload } from './storage.ts'

const wide = 0xff

/** The first byte of a payload of bytes. JSON text of an object begins with `{`. */
const binary = 0x00

const surrogate = /[\ud800-\udfff]/
/** Matches half a surrogate pair; with this flag a whole pair is one character. */
const halfPair = /\p{Surrogate}/u

/**
 * Writes numbers, bytes and text one after another into a buffer that grows. `Unpacker` reads them back in the same order.
 */
export class Packer {
  #bytes: Buffer
  #at = 0

  constructor(capacityBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(capacityBytes, 64))
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#at] = value
    this.#at += 1
  }

  uint32(value: number): void {
    this.#reserve(4)
    this.#at = this.#bytes.writeUInt32LE(value, this.#at)
  }

  number(value: number): void {
    this.#reserve(8)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
  }

  bytes(value: Uint8Array): void {
    this.uint32(value.length)
    this.#reserve(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
  }

  text(value: string): void {
    if (!isWellFormed(value)) {
      this.bytes(bytesOfText(value))
      return
    }
    this.#reserve(4 + value.length * 3)
    const length = this.#bytes.write(value, this.#at + 4)
    this.#bytes.writeUInt32LE(length, this.#at)
    this.#at += 4 + length
  }

  payload(value: Payload): void {
    if (typeof value === 'string') {
      this.text(value)
      return
    }
    this.uint32(value.length + 1)
    this.byte(binary)
    this.#reserve(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
  }

  /** What was written; its memory is handed over, so the packer is finished. */
  finish(): Uint8Array<ArrayBuffer> {
    const buffer = this.#bytes.buffer as ArrayBuffer
    this.#bytes = Buffer.alloc(0)
    return new Uint8Array(buffer, 0, this.#at)
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}

/** Reads what a `Packer` wrote. Reading beyond the end throws a RangeError. */
export class Unpacker {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  byte(): number {
    const value = this.#bytes.readUInt8(this.#at)
    this.#at += 1
    return value
  }

  uint32(): number {
    const value = this.#bytes.readUInt32LE(this.#at)
    this.#at += 4
    return value
  }

  number(): number {
    const value = this.#bytes.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const length = this.uint32()
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('packed bytes end early')
    const value = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return value
  }

  text(): string {
    return textOfBytes(this.bytes())
  }

  payload(): Payload {
    return payloadOfBytes(this.bytes())
  }
}

/** The bytes that a payload is stored as: those of its text, or a 0 and its own. */
export function bytesOfPayload(payload: Payload): Buffer {
  return typeof payload === 'string'
    ? bytesOfText(payload)
    : Buffer.concat([Buffer.of(binary), payload])
}

/** The payload of `bytesOfPayload`; bytes are a copy, which the caller may keep. */
export function payloadOfBytes(bytes: Buffer): Payload {
  return bytes[0] === binary ? new Uint8Array(bytes.subarray(1)) : textOfBytes(bytes)
}

/**
 * The bytes of any string, different for different strings. They are its UTF-8, except that a string with half a surrogate
 * pair, which UTF-8 cannot hold, is 0xff and its UTF-16.
 */
export function bytesOfText(text: string): Buffer {
  if (isWellFormed(text)) return Buffer.from(text, 'utf8')
  return Buffer.concat([Buffer.of(wide), Buffer.from(text, 'utf16le')])
}

/** The string of `bytesOfText`. */
export function textOfBytes(bytes: Buffer): string {
  return bytes[0] === wide ? bytes.toString('utf16le', 1) : bytes.toString('utf8')
}

/** Looks for any surrogate first, since that is several times faster and mostly all there is to see. */
function isWellFormed(text: string): boolean {
  return !surrogate.test(text) || !halfPair.test(text)
}
