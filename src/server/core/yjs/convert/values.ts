import * as Y from 'yjs'
import type { Json } from '../../../../protocol/index.ts'
import { align } from './align.ts'
import { canonical, isRecord, type JsonRecord, sorted } from './canonical.ts'
import { ContentError } from './content-error.ts'
import { deltaOf, parseDelta, putDelta } from './delta.ts'
import { plainValue } from './plain-value.ts'
import { type ProseMirrorNode, parseProseMirror } from './prosemirror-json.ts'
import { readDocument, readElement } from './prosemirror-read.ts'
import { makeType, putContent, putElement } from './prosemirror-write.ts'
import { changeText, piecesOf, plainFormats, withText } from './rich-text.ts'

/*
 * Maps and arrays as JSON. Values that JSON cannot express become an object with one key:
 *
 *   {"$bytes": base64}  {"$bigint": digits}  {"$subdocument": guid}
 *   {"$delta": [...]}         a text with formats or embedded objects; any other text is a string
 *   {"$prosemirror": node}    an XML element, or a fragment as a node of type doc
 */

/** Converts a value of a map or an array to JSON with sorted keys. */
export function sharedValue(value: unknown): Json {
  if (value instanceof Y.AbstractType) return typeValueOf(value)
  return plainValue(value)
}

function typeValueOf(type: Y.AbstractType<unknown>): Json {
  if (type instanceof Y.Map) return mapValue(type)
  if (type instanceof Y.Array) return arrayValue(type)
  if (type instanceof Y.XmlText || type instanceof Y.Text) {
    const ops = deltaOf(type)
    const isPlain = ops.every((op) => typeof op.insert === 'string' && op.attributes === undefined)
    if (!isPlain || type instanceof Y.XmlText) return { $delta: ops as unknown as Json }
    return type.toString()
  }
  if (type instanceof Y.XmlHook) throw unsupportedType('an XmlHook')
  if (type instanceof Y.XmlElement) return asJson(readElement(type))
  if (type instanceof Y.XmlFragment) return asJson(readDocument(type))
  throw unsupportedType('an unknown shared type')
}

/** A cast: nodes are JSON with a more specific type. */
function asJson(node: ProseMirrorNode): Json {
  return { $prosemirror: node as unknown as Json }
}

function unsupportedType(what: string): ContentError {
  return new ContentError('UNSUPPORTED_CONTENT', `JSON cannot express ${what}`)
}

function recordOf(entries: readonly (readonly [string, unknown])[]): Json {
  return sorted(Object.fromEntries(entries.map(([key, value]) => [key, sharedValue(value)])))
}

/** A map as JSON. */
export function mapValue(map: Y.Map<unknown>): Json {
  return recordOf([...map.entries()])
}

/** An array as JSON. */
export function arrayValue(array: Y.Array<unknown>): Json {
  return array.toArray().map(sharedValue)
}

/**
 * Sets the content of a map. Equal values are not touched; shared types stay if the JSON has their
 * shape.
 */
export function putMap(map: Y.Map<unknown>, wanted: JsonRecord): void {
  for (const key of [...map.keys()]) if (!Object.hasOwn(wanted, key)) map.delete(key)
  const like = [...map.values()]
  for (const [key, value] of Object.entries(wanted)) {
    if (map.has(key) && changeInPlace(map.get(key), value)) continue
    map.set(key, made(value, like))
  }
}

/** Sets the content of an array, with minimal changes as in `putMap`. */
export function putArray(array: Y.Array<unknown>, wanted: readonly Json[]): void {
  const old = array.toArray()
  const steps = align({
    old: old.map((value) => canonical(sharedValue(value))),
    wanted: wanted.map(canonical),
    likeness: (i, j) => likenessOf(old[i], wanted[j] ?? null),
  })
  let at = 0
  for (const step of steps) {
    if (step.kind === 'remove') array.delete(at, 1)
    else {
      if (step.kind === 'add') array.insert(at, [made(wanted[step.wanted] ?? null, old)])
      if (step.kind === 'change') replaceAt(array, at, wanted[step.wanted] ?? null, old)
      at += 1
    }
  }
}

function replaceAt(
  array: Y.Array<unknown>,
  at: number,
  value: Json,
  like: readonly unknown[],
): void {
  if (changeInPlace(array.get(at), value)) return
  array.delete(at, 1)
  array.insert(at, [made(value, like)])
}

/** Similarity of a shared value and the wanted JSON; plain values are always replaced. */
function likenessOf(value: unknown, wanted: Json): number {
  if (value instanceof Y.Text)
    return typeof wanted === 'string' || '$delta' in formOf(wanted) ? 0.5 : 0
  if (value instanceof Y.Array) return Array.isArray(wanted) ? 0.5 : 0
  if (value instanceof Y.XmlFragment) return '$prosemirror' in formOf(wanted) ? 0.5 : 0
  if (!(value instanceof Y.Map) || !isRecord(wanted) || isForm(wanted)) return 0
  const keys = Object.keys(wanted)
  const same = keys.filter(
    (key) => value.has(key) && canonical(sharedValue(value.get(key))) === canonical(wanted[key]),
  )
  return 0.1 + (0.9 * same.length) / Math.max(1, keys.length, value.size)
}

/**
 * Changes a shared value in place; false if the JSON has another shape and the value must be
 * replaced.
 */
function changeInPlace(value: unknown, wanted: Json): boolean {
  if (canonical(sharedValue(value)) === canonical(wanted)) return true
  if (value instanceof Y.Map && isRecord(wanted) && !isForm(wanted)) {
    putMap(value, wanted)
    return true
  }
  if (value instanceof Y.Array && Array.isArray(wanted)) {
    putArray(value, wanted as readonly Json[])
    return true
  }
  const { $delta, $prosemirror } = formOf(wanted)
  if (value instanceof Y.Text) {
    if (typeof wanted === 'string') {
      changeText([value], withText(piecesOf([value], plainFormats), wanted), plainFormats)
      return true
    }
    if ($delta === undefined) return false
    putDelta(value, parseDelta($delta))
    return true
  }
  if (!(value instanceof Y.XmlFragment) || $prosemirror === undefined) return false
  const node = parseProseMirror($prosemirror)
  if (value instanceof Y.XmlElement) {
    if (value.nodeName !== node.type) return false
    putElement(value, node)
  } else putContent(value, node)
  return true
}

/** Keys that mark values which JSON cannot express. */
const forms = ['$bytes', '$bigint', '$subdocument', '$delta', '$prosemirror'] as const

function isForm(value: JsonRecord): boolean {
  const [key, more] = Object.keys(value)
  return more === undefined && forms.some((form) => form === key)
}

function formOf(value: Json): Partial<Record<(typeof forms)[number], Json>> {
  return isRecord(value) && isForm(value) ? value : {}
}

/**
 * Creates a value from new JSON. Objects and arrays become shared types if their siblings are
 * shared types; otherwise they become plain values, as with `map.set(key, object)`.
 */
function made(wanted: Json, like: readonly unknown[]): unknown {
  const { $delta, $prosemirror } = formOf(wanted)
  if ($delta !== undefined) {
    const text = new Y.Text()
    putNewDelta(text, $delta)
    return text
  }
  if ($prosemirror !== undefined) return makeType(parseProseMirror($prosemirror))
  if (isRecord(wanted) && !isForm(wanted) && like.some((one) => one instanceof Y.Map)) {
    const entries = Object.entries(wanted)
    return new Y.Map(entries.map(([key, value]) => [key, made(value, like)] as const))
  }
  if (Array.isArray(wanted) && like.some((one) => one instanceof Y.Array)) {
    return Y.Array.from((wanted as readonly Json[]).map((value) => made(value, like)) as object[])
  }
  return plainFrom(wanted)
}

function putNewDelta(text: Y.Text, delta: Json): void {
  text.applyDelta(
    parseDelta(delta).map(({ insert, formats }) => ({
      insert,
      attributes: Object.fromEntries([...formats.values()].map(({ key, value }) => [key, value])),
    })),
  )
}

function plainFrom(wanted: Json): unknown {
  if (Array.isArray(wanted)) return (wanted as readonly Json[]).map(plainFrom)
  if (!isRecord(wanted)) return wanted
  const { $bytes, $bigint, $subdocument, $delta, $prosemirror } = formOf(wanted)
  if (typeof $bytes === 'string') return new Uint8Array(Buffer.from($bytes, 'base64'))
  if (typeof $bigint === 'string' && /^-?\d{1,19}$/.test($bigint)) return BigInt($bigint)
  if ($subdocument !== undefined) {
    throw new ContentError('BAD_CONTENT', 'a subdocument cannot be created over HTTP')
  }
  if ($delta !== undefined || $prosemirror !== undefined) {
    throw new ContentError('BAD_CONTENT', 'a plain value cannot contain a shared type')
  }
  return Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, plainFrom(value)]))
}
