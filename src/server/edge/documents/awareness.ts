import { createDecoder, readVarString, readVarUint } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'

/** What a client says of itself, or repeats of others. */
export interface AwarenessEntry {
  readonly client: number
  readonly clock: number
  /** JSON text; `null`: it is gone. */
  readonly state: string
}

/** Entries that are looked at in one message. Stock clients send one of their own, and repeat what they heard of others. */
const entriesMax = 64
const clockMax = 2 ** 32

/** Decodes an awareness update of y-protocols. Undefined where it is none. What stands beyond the bound is not read. */
export function decodeAwareness(bytes: Uint8Array): readonly AwarenessEntry[] | undefined {
  try {
    const decoder = createDecoder(bytes)
    const count = Math.min(readVarUint(decoder), entriesMax)
    const entries: AwarenessEntry[] = []
    while (entries.length < count) {
      const client = readVarUint(decoder)
      const clock = readVarUint(decoder)
      const state = readVarString(decoder)
      if (clock < clockMax) entries.push({ client, clock, state })
    }
    return entries
  } catch {
    // lib0 throws where bytes end early.
    return undefined
  }
}

/** Encodes an awareness update. */
export function encodeAwareness(entries: readonly AwarenessEntry[]): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, entries.length)
  for (const { client, clock, state } of entries) {
    writeVarUint(encoder, client)
    writeVarUint(encoder, clock)
    writeVarString(encoder, state)
  }
  return toUint8Array(encoder)
}
