interface RandomBytes {
  getRandomValues?(bytes: Uint8Array<ArrayBuffer>): unknown
}

/**
 * Makes an id that no other publish has: a UUID of version 7 (RFC 9562, section 5.7). It begins with the time, since a server
 * keeps ids at less cost where new ones stand together.
 * @param nowMs Milliseconds since 1970.
 * @param random For runtimes without `crypto`: a number from 0 up to 1.
 */
export function makeOrderedId(
  nowMs: number,
  source: RandomBytes | undefined = globalThis.crypto,
  random: () => number = Math.random,
): string {
  const bytes = new Uint8Array(16)
  if (source?.getRandomValues !== undefined) source.getRandomValues(bytes)
  else for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.floor(random() * 256)
  const fields = new DataView(bytes.buffer)
  fields.setUint32(0, Math.floor(nowMs / 0x1_00_00))
  fields.setUint16(4, nowMs % 0x1_00_00)
  fields.setUint16(6, 0x7000 | (fields.getUint16(6) & 0x0fff))
  fields.setUint16(8, 0x8000 | (fields.getUint16(8) & 0x3fff))
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
