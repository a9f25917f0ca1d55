import type { EngineLimits } from './document-engine.ts'

/** Bounds on the names and values in an update. */
export type ReaderLimits = Pick<EngineLimits, 'keyBytesMax' | 'valueDepthMax'>

/** What is wrong with an update. */
export class UpdateRefused extends Error {}

/** There is more in an update than in any document. */
export class UpdateTooLarge extends UpdateRefused {}

/** Clocks are below this, as Yjs has them. */
export const clockMax = 2 ** 31

/** As Yjs' own decoder: nothing is mended, and a byte order mark is a character. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads forward in bytes, and refuses to go beyond them. */
export class UpdateReader {
  readonly #bytes: Uint8Array
  at = 0
  /** Client of the id that was read last. */
  lastClient = 0

  readonly keyBytesMax: number
  readonly valueDepthMax: number

  constructor(bytes: Uint8Array, { keyBytesMax = 1_024, valueDepthMax = 64 }: ReaderLimits) {
    this.#bytes = bytes
    this.keyBytesMax = keyBytesMax
    this.valueDepthMax = valueDepthMax
  }

  get size(): number {
    return this.#bytes.length
  }

  get ended(): boolean {
    return this.at === this.#bytes.length
  }

  byte(): number {
    const value = this.#bytes[this.at]
    if (value === undefined) throw new UpdateRefused('the update is truncated')
    this.at += 1
    return value
  }

  /** A variable-length number: 7 bits a byte, the least significant first. */
  number(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (value > Number.MAX_SAFE_INTEGER) throw new UpdateRefused('a number is too large')
      if (byte < 0x80) return value
    }
  }

  /** A signed one, whose first byte has six bits and the sign. */
  integer(): void {
    let byte = this.byte()
    for (let bytes = 1; byte >= 0x80; bytes += 1) {
      if (bytes > 7) throw new UpdateRefused('a number is too large')
      byte = this.byte()
    }
  }

  below(max: number, what: string): number {
    const value = this.number()
    if (value >= max) throw new UpdateRefused(`${what} is too large`)
    return value
  }

  /** How many things follow; each takes at least a byte. */
  count(max: number): number {
    const value = this.number()
    if (value > max) {
      throw new UpdateTooLarge(`the update has more than ${max} structs`)
    }
    if (value > this.#bytes.length - this.at) throw new UpdateRefused('the update is truncated')
    return value
  }

  /** A length in clocks. */
  length(): number {
    const value = this.below(clockMax, 'a length')
    if (value === 0) throw new UpdateRefused('a struct has no length')
    return value
  }

  /** One byte that says yes or no. */
  flag(): boolean {
    return this.number() === 1
  }

  skip(bytes: number): void {
    if (bytes > this.#bytes.length - this.at) throw new UpdateRefused('the update is truncated')
    this.at += bytes
  }

  /** Passes over a name. */
  key(): void {
    this.text(this.keyBytesMax)
  }

  /** Passes over a text. */
  text(bytesMax: number): void {
    this.take(bytesMax)
  }

  /** Gives a text. */
  take(bytesMax: number): string {
    const bytes = this.number()
    if (bytes > bytesMax) throw new UpdateRefused('a name is too long')
    return this.#decode(bytes)
  }

  /** Gives the length of a text as JavaScript counts it. */
  string(): number {
    const { length } = this.#decode(this.number())
    if (length === 0) throw new UpdateRefused('a struct has no length')
    return length
  }

  json(): void {
    checkJson(this.#decode(this.number()), this.valueDepthMax)
  }

  jsonOrUndefined(): void {
    const text = this.#decode(this.number())
    if (text !== 'undefined') checkJson(text, this.valueDepthMax)
  }

  #decode(bytes: number): string {
    const from = this.at
    this.skip(bytes)
    try {
      return decoder.decode(this.#bytes.subarray(from, this.at))
    } catch {
      throw new UpdateRefused('a text is not UTF-8')
    }
  }
}

function checkJson(text: string, depthMax: number): void {
  let depth = 0
  let inText = false
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index]
    if (inText) {
      if (char === '\\') index += 1
      else if (char === '"') inText = false
    } else if (char === '"') inText = true
    else if (char === '[' || char === '{') {
      depth += 1
      if (depth > depthMax) throw new UpdateRefused('a value is nested too deep')
    } else if (char === ']' || char === '}') depth -= 1
  }
  try {
    JSON.parse(text)
  } catch {
    throw new UpdateRefused('a value is not JSON')
  }
}
