import { createEncoder, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding'
import * as Y from 'yjs'
import { encodeDeletes } from './editor-schema.ts'
import type { ScannedDelete } from './scan-update.ts'

type Struct = ReturnType<typeof Y.decodeUpdate>['structs'][number]

/** Ranges of a delete set in one part. */
const deletesMax = 8_192
const noDeletes = Uint8Array.of(0)

/** Structs of one client in a part: one after another, since a client stands in an update once. */
interface Section {
  readonly client: number
  readonly clock: number
  count: number
  readonly encoder: Y.UpdateEncoderV1
}

/**
 * Splits a sound update into parts of at most so many bytes (or of one struct, where that is longer). Each part can be applied once
 * those before it were: structs come after all that they refer to, which Yjs' own encoding does not care for. So a receiver never holds
 * anything back, and a large document travels in frames that proxies and watchdogs take.
 *
 * What has formatted text in it stays whole. Yjs tidies such a text whenever something of it arrives: with one end of a format here and the
 * other still to come, it would take the wrong one for needless, delete it, and tell everybody.
 */
export function splitUpdate(update: Uint8Array, partBytesMax: number): readonly Uint8Array[] {
  if (update.length <= partBytesMax) return [update]
  const { structs, ds } = Y.decodeUpdate(update)
  if (structs.some(isFormat)) return [update]
  const parts = splitStructs(structs, partBytesMax)
  const deletes: ScannedDelete[] = []
  for (const [client, ranges] of ds.clients) {
    for (const { clock, len } of ranges) deletes.push({ client, clock, length: len })
  }
  for (let from = 0; from < deletes.length; from += deletesMax) {
    const some = encodeDeletes(deletes.slice(from, from + deletesMax))
    parts.push(Buffer.concat([noStructs, some]))
  }
  return parts
}

const noStructs = Uint8Array.of(0)

function isFormat(struct: Struct): boolean {
  return struct instanceof Y.Item && struct.content instanceof Y.ContentFormat
}

function splitStructs(structs: readonly Struct[], partBytesMax: number): Uint8Array[] {
  const lines = Map.groupBy(
    structs.filter((struct) => !(struct instanceof Y.Skip)),
    ({ id }) => id.client,
  )
  const next = new Map([...lines.keys()].map((client) => [client, 0]))
  const parts: Uint8Array[] = []
  let sections = new Map<number, Section>()
  let bytes = 0

  function clockOf(client: number): number {
    const line = lines.get(client) ?? []
    const struct = line[next.get(client) ?? 0]
    if (struct !== undefined) return struct.id.clock
    const last = line.at(-1)
    return last === undefined ? Number.POSITIVE_INFINITY : last.id.clock + last.length
  }

  /** The client of which a struct lacks something; undefined where it lacks nothing. */
  function blockedBy(struct: Struct): number | undefined {
    if (!(struct instanceof Y.Item)) return undefined
    const { origin, rightOrigin } = struct
    // Decoded without its document, a parent is the name of a root or an id.
    const parent = struct.parent instanceof Y.ID ? struct.parent : null
    for (const id of [origin, rightOrigin, parent]) {
      if (id !== null && id.client !== struct.id.client && id.clock >= clockOf(id.client)) {
        return id.client
      }
    }
    return undefined
  }

  function emit(struct: Struct): void {
    const { client, clock } = struct.id
    let section = sections.get(client)
    if (section === undefined) {
      section = { client, clock, count: 0, encoder: new Y.UpdateEncoderV1() }
      sections.set(client, section)
    }
    const before = lengthOf(section)
    struct.write(section.encoder, 0)
    section.count += 1
    next.set(client, (next.get(client) ?? 0) + 1)
    bytes += lengthOf(section) - before
    if (bytes >= partBytesMax) flush()
  }

  function flush(): void {
    if (sections.size > 0) parts.push(encodeSections([...sections.values()]))
    sections = new Map()
    bytes = 0
  }

  for (const client of lines.keys()) {
    const stack = [client]
    while (stack.length > 0) {
      const top = stack.at(-1) ?? client
      const struct = lines.get(top)?.[next.get(top) ?? 0]
      const blocking = struct === undefined ? undefined : blockedBy(struct)
      if (struct === undefined) stack.pop()
      else if (blocking === undefined) {
        emit(struct)
        // Back to whoever waited, as soon as it can go on.
        if (stack.length > 1) stack.pop()
      } else if (stack.includes(blocking)) throw new Error('an update refers to itself in a circle')
      else stack.push(blocking)
    }
  }
  flush()
  return parts
}

function lengthOf({ encoder }: Section): number {
  const { cpos, bufs } = encoder.restEncoder
  return bufs.reduce((sum, buffer) => sum + buffer.length, cpos)
}

function encodeSections(sections: readonly Section[]): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, sections.length)
  // Yjs merges updates on the understanding that higher client ids come first in each.
  const sorted = sections.toSorted((a, b) => b.client - a.client)
  for (const { client, clock, count, encoder: structs } of sorted) {
    writeVarUint(encoder, count)
    writeVarUint(encoder, client)
    writeVarUint(encoder, clock)
    writeUint8Array(encoder, structs.toUint8Array())
  }
  writeUint8Array(encoder, noDeletes)
  return toUint8Array(encoder)
}
