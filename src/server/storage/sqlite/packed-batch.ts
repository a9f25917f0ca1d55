import { Packer, Unpacker } from '../packed.ts'
import type { Appended, ToAppend } from '../storage.ts'

/*
 * One buffer carries a commit from the main thread to the writer's, and one buffer carries its results back: handing over
 * a buffer costs the same for one event as for thousands, cloning objects does not.
 *
 *   batch  = uint32 items, item*
 *   item   = event | latest | probe
 *   event  = 1, flags, text channel, payload, [text key], [number keySum], [number expect], [number erase]
 *   latest = 2, 0, text channel, text name, text payload
 *   probe  = 3, 0
 *   result = 1, number offset       appended
 *          | 2, number offset       duplicate, the same
 *          | 3, number offset       duplicate, another
 *          | 4, number head         conflict
 *          | 5                      kept
 *   text   = uint32 bytes, bytes
 *   payload = text
 *          | uint32 bytes, 0, bytes   of bytes
 */

const event = 1
const latest = 2
const probe = 3

const hasKey = 1
const hasKeySum = 2
const hasExpect = 4
const hasErase = 8

/** A write that leaves nothing but the proof that it could be made. */
export interface Probe {
  readonly kind: 'probe'
}

/**
 * An item as the writer sees it. Text and payloads are the bytes that are stored, which SQLite and the checksums take as
 * they are.
 */
export type PackedItem =
  | {
      readonly kind: 'event'
      readonly channel: Buffer
      readonly payload: Buffer
      readonly key: Buffer | null
      readonly keySum: number | null
      readonly expect: number | undefined
      readonly erase: number | undefined
    }
  | {
      readonly kind: 'latest'
      readonly channel: Buffer
      readonly name: Buffer
      readonly payload: Buffer
    }
  | Probe

/** Encodes the items of a commit. `capacityBytes` is a guess that saves copying. */
export function encodeBatch(
  items: readonly (ToAppend | Probe)[],
  capacityBytes = 1024,
): Uint8Array<ArrayBuffer> {
  const packer = new Packer(capacityBytes)
  packer.uint32(items.length)
  for (const item of items) encodeItem(packer, item)
  return packer.finish()
}

function encodeItem(packer: Packer, item: ToAppend | Probe): void {
  if (item.kind === 'probe') {
    packer.byte(probe)
    packer.byte(0)
    return
  }
  if (item.kind === 'latest') {
    packer.byte(latest)
    packer.byte(0)
    packer.text(item.channel)
    packer.text(item.name)
    packer.text(item.payload)
    return
  }
  const { key, keySum, expect, erase } = item
  packer.byte(event)
  packer.byte(
    (key === undefined ? 0 : hasKey) |
      (keySum === undefined ? 0 : hasKeySum) |
      (expect === undefined ? 0 : hasExpect) |
      (erase === undefined ? 0 : hasErase),
  )
  packer.text(item.channel)
  packer.payload(item.payload)
  if (key !== undefined) packer.text(key)
  if (keySum !== undefined) packer.number(keySum)
  if (expect !== undefined) packer.number(expect)
  if (erase !== undefined) packer.number(erase)
}

/** Decodes what `encodeBatch` encoded. The items are views on `bytes`. */
export function decodeBatch(bytes: Uint8Array): PackedItem[] {
  const unpacker = new Unpacker(bytes)
  const items: PackedItem[] = []
  for (let left = unpacker.uint32(); left > 0; left -= 1) items.push(decodeItem(unpacker))
  return items
}

function decodeItem(unpacker: Unpacker): PackedItem {
  const kind = unpacker.byte()
  const flags = unpacker.byte()
  switch (kind) {
    case event:
      return {
        kind: 'event',
        channel: unpacker.bytes(),
        payload: unpacker.bytes(),
        key: (flags & hasKey) === 0 ? null : unpacker.bytes(),
        keySum: (flags & hasKeySum) === 0 ? null : unpacker.number(),
        expect: (flags & hasExpect) === 0 ? undefined : unpacker.number(),
        erase: (flags & hasErase) === 0 ? undefined : unpacker.number(),
      }
    case latest:
      return {
        kind: 'latest',
        channel: unpacker.bytes(),
        name: unpacker.bytes(),
        payload: unpacker.bytes(),
      }
    case probe:
      return { kind: 'probe' }
    default:
      throw new RangeError(`no packed item is of kind ${kind}`)
  }
}

/** Encodes the results of a commit. */
export function encodeResults(results: readonly Appended[]): Uint8Array<ArrayBuffer> {
  const packer = new Packer(4 + results.length * 9)
  packer.uint32(results.length)
  for (const result of results) {
    switch (result.kind) {
      case 'appended':
        packer.byte(1)
        packer.number(result.offset)
        break
      case 'duplicate':
        packer.byte(result.same ? 2 : 3)
        packer.number(result.offset)
        break
      case 'conflict':
        packer.byte(4)
        packer.number(result.head)
        break
      case 'kept':
        packer.byte(5)
        break
    }
  }
  return packer.finish()
}

/** Decodes what `encodeResults` encoded. */
export function decodeResults(bytes: Uint8Array): Appended[] {
  const unpacker = new Unpacker(bytes)
  const results: Appended[] = []
  for (let left = unpacker.uint32(); left > 0; left -= 1) {
    const kind = unpacker.byte()
    if (kind === 1) results.push({ kind: 'appended', offset: unpacker.number() })
    else if (kind === 2) results.push({ kind: 'duplicate', offset: unpacker.number(), same: true })
    else if (kind === 3) results.push({ kind: 'duplicate', offset: unpacker.number(), same: false })
    else if (kind === 4) results.push({ kind: 'conflict', head: unpacker.number() })
    else if (kind === 5) results.push({ kind: 'kept' })
    else throw new RangeError(`no packed result is of kind ${kind}`)
  }
  return results
}
