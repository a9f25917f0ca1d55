interface RandomBytes {
  randomUUID?(): string
  getRandomValues?(bytes: Uint8Array<ArrayBuffer>): unknown
}

/**
 * Makes an id that no other publish has: the platform's UUID; where that is missing (React Native, pages without TLS), 128
 * random bits from the best source there is.
 */
export function makeRandomId(
  source: RandomBytes | undefined = globalThis.crypto,
  random: () => number = Math.random,
): string {
  if (source?.randomUUID !== undefined) return source.randomUUID()
  const bytes = new Uint8Array(16)
  if (source?.getRandomValues === undefined) {
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = Math.floor(random() * 256)
  } else source.getRandomValues(bytes)
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
