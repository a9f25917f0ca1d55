import type { Payload } from './storage.ts'

/** Stands before the UTF-16 of text that UTF-8 cannot hold. */
const wide = 0xff
/** Stands before a payload of bytes. JSON text never begins with it. */
const binary = 0x00

const surrogate = /[\ud800-\udfff]/
/** Matches half a surrogate pair; with this flag a whole pair is one character. */
const halfPair = /\p{Surrogate}/u

/**
 * Writes numbers, bytes, text and payloads one after another into a buffer that grows. `Unpacker` reads them back in the
 * same order.
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
    this.#reserve(4 + value.length)
    this.uint32(value.length)
    this.#copy(value)
  }

  /** Comes back from `bytes` as what is stored of it, for `payloadOfBytes`. */
  payload(value: Payload): void {
    if (typeof value !== 'string') {
      this.#reserve(5 + value.length)
      this.uint32(1 + value.length)
      this.byte(binary)
      this.#copy(value)
    } else if (value.charCodeAt(0) === binary) {
      // Its UTF-8 would be taken for bytes. JSON never comes here, but whatever is given must come back.
      this.bytes(wideBytesOf(value))
    } else this.text(value)
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

  /** What was written; its memory is handed over, so the packer is finished. */
  finish(): Uint8Array<ArrayBuffer> {
    const buffer = this.#bytes.buffer as ArrayBuffer
    this.#bytes = Buffer.alloc(0)
    return new Uint8Array(buffer, 0, this.#at)
  }

  #copy(value: Uint8Array): void {
    this.#bytes.set(value, this.#at)
    this.#at += value.length
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
    this.#bytes = bufferOf(bytes)
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
}

/**
 * The bytes of any string, different for different strings. They are its UTF-8, except that a string with half a surrogate
 * pair, which UTF-8 cannot hold, is 0xff and its UTF-16.
 */
export function bytesOfText(text: string): Buffer {
  if (isWellFormed(text)) return Buffer.from(text, 'utf8')
  return wideBytesOf(text)
}

/** The string of `bytesOfText`. */
export function textOfBytes(bytes: Buffer): string {
  return bytes[0] === wide ? bytes.toString('utf16le', 1) : bytes.toString('utf8')
}

/** What is stored of a payload, in memory of its own, which can be handed over to a thread. */
export function bytesOfPayload(payload: Payload): Uint8Array<ArrayBuffer> {
  const packer = new Packer(5 + payload.length)
  packer.payload(payload)
  return packer.finish().subarray(4)
}

/** The payload of `bytesOfPayload`. One of bytes is a view, not a copy. */
export function payloadOfBytes(stored: Buffer): Payload {
  if (stored[0] !== binary) return textOfBytes(stored)
  return new Uint8Array(stored.buffer, stored.byteOffset + 1, stored.length - 1)
}

/** The same bytes as a Buffer: a view, not a copy. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function wideBytesOf(text: string): Buffer {
  return Buffer.concat([Buffer.of(wide), Buffer.from(text, 'utf16le')])
}

/** Looks for any surrogate first, since that is several times faster and mostly all there is to see. */
function isWellFormed(text: string): boolean {
  return !surrogate.test(text) || !halfPair.test(text)
}
