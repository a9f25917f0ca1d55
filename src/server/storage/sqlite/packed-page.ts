import { Packer, payloadOfBytes, Unpacker } from '../packed.ts'
import type { Payload, StoredEvent } from '../storage.ts'

/*
 * One buffer carries a page of events from the reader's thread.
 *
 *   page  = uint32 events, number first offset, event*
 *   event = 0 | 1, uint32 bytes, bytes      erased | with its payload
 */

/** Encodes the payloads of events that follow one another from an offset; null for an erased one. */
export function encodePage(
  first: number,
  payloads: readonly (Uint8Array | null)[],
): Uint8Array<ArrayBuffer> {
  const bytes = payloads.reduce((sum, payload) => sum + 5 + (payload?.length ?? 0), 12)
  const packer = new Packer(bytes)
  packer.uint32(payloads.length)
  packer.number(first)
  for (const payload of payloads) {
    packer.byte(payload === null ? 0 : 1)
    if (payload !== null) packer.bytes(payload)
  }
  return packer.finish()
}

/** Decodes what `encodePage` encoded. */
export function decodePage(bytes: Uint8Array): StoredEvent[] {
  const unpacker = new Unpacker(bytes)
  const count = unpacker.uint32()
  const first = unpacker.number()
  const events: StoredEvent[] = []
  for (let offset = first; offset < first + count; offset += 1) {
    events.push({
      offset,
      payload: unpacker.byte() === 0 ? undefined : payloadOf(unpacker.bytes()),
    })
  }
  return events
}

/** Bytes are copied: an event that is kept should not keep its page, and none shares its memory with another. */
function payloadOf(stored: Buffer): Payload {
  const payload = payloadOfBytes(stored)
  return typeof payload === 'string' ? payload : payload.slice()
}
