import * as Y from 'yjs'
import { align } from './align.ts'
import { canonical } from './canonical.ts'
import { diffStrings, wordsOf } from './text-diff.ts'

/** One format of a text, with its Yjs key. */
export interface Format {
  readonly key: string
  readonly value: unknown
}

/** Formats by their meaning: texts with the same keys look the same. */
export type Formats = ReadonlyMap<string, Format>

/** A run of text with the same formats, or one embedded object. */
export interface Piece {
  readonly insert: string | object
  readonly formats: Formats
}

export type FormatsOf = (attributes: Readonly<Record<string, unknown>>) => Formats

/** One part of a delta from Yjs' `toDelta`. */
interface DeltaPart {
  readonly insert: unknown
  readonly attributes?: Readonly<Record<string, unknown>>
}

type Operation =
  | { readonly kind: 'retain'; length: number; readonly attributes: Attributes | undefined }
  | { readonly kind: 'delete'; readonly length: number }
  | { readonly kind: 'insert'; insert: string | object; readonly formats: Formats }

type Attributes = Readonly<Record<string, unknown>>

/** One UTF-16 code unit or one embedded object. */
interface Unit {
  readonly insert: string | object
  readonly formats: Formats
}

/** Formats whose meaning is their key and value. */
export const plainFormats: FormatsOf = (attributes) => {
  const formats = new Map<string, Format>()
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) {
      formats.set(`${key} ${canonical(value)}`, { key, value })
    }
  }
  return formats
}

/** The pieces of adjacent texts. */
export function piecesOf(texts: readonly Y.Text[], formatsOf: FormatsOf): readonly Piece[] {
  return texts.flatMap((text) =>
    (text.toDelta() as readonly DeltaPart[]).map(({ insert, attributes }) => ({
      insert: typeof insert === 'string' ? insert : (insert as object),
      formats: formatsOf(attributes ?? {}),
    })),
  )
}

/**
 * Changes adjacent texts to the wanted pieces with minimal changes: unchanged characters are not
 * rewritten and only differing formats are set. `owns` selects the controlled formats by key;
 * others stay.
 */
export function changeText(
  texts: readonly Y.Text[],
  wanted: readonly Piece[],
  formatsOf: FormatsOf,
  owns: (key: string) => boolean = () => true,
): void {
  const old = piecesOf(texts, formatsOf)
  const operations =
    operationsOfOne(old, wanted, owns) ?? operationsOf(unitsOf(old), unitsOf(wanted), owns)
  if (operations.every((one) => one.kind === 'retain' && one.attributes === undefined)) return
  apply(texts, operations)
}

/**
 * Replaces the text of the pieces. Embedded objects stay in place, kept text keeps its formats, and
 * added text takes those of the text before it.
 */
export function withText(pieces: readonly Piece[], wanted: string): readonly Piece[] {
  const [first, more] = pieces
  if (more === undefined && typeof (first?.insert ?? '') === 'string') {
    return wanted === '' ? [] : [{ insert: wanted, formats: first?.formats ?? new Map() }]
  }
  const units = unitsOf(pieces)
  const letters = units.filter(({ insert }) => typeof insert === 'string')
  const text = letters.map(({ insert }) => insert).join('')
  const changed: { insert: string | object; formats: Formats }[] = []
  let at = 0
  const put = ({ insert: added, formats }: Piece): void => {
    const last = changed.at(-1)
    const goesOn = last?.formats === formats && typeof last.insert === 'string'
    if (goesOn && typeof added === 'string') last.insert += added
    else changed.push({ insert: added, formats })
  }
  const embeds = (): void => {
    for (let unit = units[at]; unit !== undefined && typeof unit.insert !== 'string'; ) {
      put(unit)
      at += 1
      unit = units[at]
    }
  }
  for (const step of diffStrings(text, wanted)) {
    if (step.kind === 'insert') {
      const formats = units[at - 1]?.formats ?? units[at]?.formats ?? new Map()
      put({ insert: step.insert, formats })
      continue
    }
    for (let left = step.length; left > 0; left -= 1) {
      embeds()
      const unit = units[at]
      if (step.kind === 'retain' && unit !== undefined) put(unit)
      at += 1
    }
  }
  embeds()
  return changed
}

/**
 * What makes one text another where each looks the same throughout, without taking it apart into
 * units: that takes some hundred bytes for each. Undefined where they do not.
 */
function operationsOfOne(
  old: readonly Piece[],
  wanted: readonly Piece[],
  owns: (key: string) => boolean,
): readonly Operation[] | undefined {
  const [from = wanted[0], to = from] = [old[0], wanted[0]]
  if (old.length > 1 || wanted.length > 1 || from === undefined || to === undefined)
    return undefined
  if (typeof from.insert !== 'string' || typeof to.insert !== 'string') return undefined
  if (changesBetween(from.formats, to.formats, owns) !== undefined) return undefined
  const [before, after] = [
    old.length === 0 ? '' : from.insert,
    wanted.length === 0 ? '' : to.insert,
  ]
  return diffStrings(before, after).map((step): Operation => {
    switch (step.kind) {
      case 'insert':
        return { kind: 'insert', insert: step.insert, formats: to.formats }
      case 'delete':
        return { kind: 'delete', length: step.length }
      case 'retain':
        return { kind: 'retain', length: step.length, attributes: undefined }
      default:
        return step satisfies never
    }
  })
}

function unitsOf(pieces: readonly Piece[]): readonly Unit[] {
  const units: Unit[] = []
  for (const piece of pieces) {
    const { insert, formats } = piece
    if (typeof insert !== 'string') units.push(piece)
    else
      for (let at = 0; at < insert.length; at += 1)
        units.push({ insert: insert[at] ?? '', formats })
  }
  return units
}

/** Splits into words, spaces and embedded objects, each with its number of units. */
function tokensOf(
  units: readonly Unit[],
): readonly { readonly key: string; readonly size: number }[] {
  const tokens: { key: string; size: number }[] = []
  let word = ''
  const flush = (): void => {
    for (const key of wordsOf(word)) {
      tokens.push({ key: `w${key}`, size: key.length })
    }
    word = ''
  }
  for (const { insert } of units) {
    if (typeof insert === 'string') word += insert
    else {
      flush()
      tokens.push({ key: `e${keyOfEmbed(insert)}`, size: 1 })
    }
  }
  flush()
  return tokens
}

function keyOfEmbed(embed: object): string {
  return canonical(embed instanceof Y.AbstractType ? embed.toJSON() : embed)
}

/** The units of both sides between two kept ones. */
interface Difference {
  oldTo: number
  wantedTo: number
}

function operationsOf(
  old: readonly Unit[],
  wanted: readonly Unit[],
  owns: (key: string) => boolean,
): readonly Operation[] {
  const operations: Operation[] = []
  const changes = createChanges(owns)
  const oldTokens = tokensOf(old)
  const wantedTokens = tokensOf(wanted)
  const difference: Difference = { oldTo: 0, wantedTo: 0 }
  let i = 0
  let j = 0

  function keep(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      retain(operations, changes(old[i]?.formats, wanted[j]?.formats))
      i += 1
      j += 1
    }
  }

  function replace(): void {
    const [start, end] = commonEnds(old, wanted, { i, j, ...difference })
    keep(start)
    const oldTo = difference.oldTo - end
    const wantedTo = difference.wantedTo - end
    if (oldTo > i) operations.push({ kind: 'delete', length: oldTo - i })
    i = oldTo
    for (; j < wantedTo; j += 1) insert(operations, wanted[j])
    keep(end)
  }

  const steps = align({
    old: oldTokens.map(({ key }) => key),
    wanted: wantedTokens.map(({ key }) => key),
  })
  for (const step of steps) {
    if (step.kind === 'remove') difference.oldTo += oldTokens[step.old]?.size ?? 0
    else if (step.kind === 'add') difference.wantedTo += wantedTokens[step.wanted]?.size ?? 0
    else {
      replace()
      const size = oldTokens[step.old]?.size ?? 0
      keep(size)
      difference.oldTo = i
      difference.wantedTo = j
    }
  }
  replace()
  return operations
}

/** The lengths of the common prefix and suffix of a difference, in units. */
function commonEnds(
  old: readonly Unit[],
  wanted: readonly Unit[],
  { i, j, oldTo, wantedTo }: Difference & { readonly i: number; readonly j: number },
): readonly [number, number] {
  const most = Math.min(oldTo - i, wantedTo - j)
  let start = 0
  while (start < most && isSameLetter(old[i + start], wanted[j + start])) start += 1
  // Do not split a surrogate pair.
  if (start > 0 && isHalf(old[i + start - 1], 0xd800)) start -= 1
  let end = 0
  while (end < most - start && isSameLetter(old[oldTo - 1 - end], wanted[wantedTo - 1 - end])) {
    end += 1
  }
  if (end > 0 && isHalf(old[oldTo - end], 0xdc00)) end -= 1
  return [start, end]
}

function isSameLetter(a: Unit | undefined, b: Unit | undefined): boolean {
  return a !== undefined && typeof a.insert === 'string' && a.insert === b?.insert
}

/** Whether a unit is a surrogate: high from 0xd800, low from 0xdc00. */
function isHalf(unit: Unit | undefined, from: number): boolean {
  if (typeof unit?.insert !== 'string') return false
  const code = unit.insert.charCodeAt(0)
  return code >= from && code < from + 0x400
}

function retain(operations: Operation[], attributes: Attributes | undefined): void {
  const last = operations.at(-1)
  if (last?.kind === 'retain' && last.attributes === attributes) last.length += 1
  else operations.push({ kind: 'retain', length: 1, attributes })
}

function attributesOf(formats: Formats): Attributes {
  return Object.fromEntries([...formats.values()].map(({ key, value }) => [key, value]))
}

function insert(operations: Operation[], unit: Unit | undefined): void {
  if (unit === undefined) return
  const { formats } = unit
  const last = operations.at(-1)
  const goesOn = last?.kind === 'insert' && last.formats === formats
  if (goesOn && typeof last.insert === 'string' && typeof unit.insert === 'string') {
    last.insert += unit.insert
  } else operations.push({ kind: 'insert', insert: unit.insert, formats })
}

/** The attributes that change some formats to others; undefined if equal. Cached per pair. */
function createChanges(
  owns: (key: string) => boolean,
): (from: Formats | undefined, to: Formats | undefined) => Attributes | undefined {
  const known = new Map<Formats, Map<Formats, Attributes | undefined>>()
  return (from, to) => {
    if (from === undefined || to === undefined || from === to) return undefined
    const ofFrom = known.get(from) ?? new Map<Formats, Attributes | undefined>()
    known.set(from, ofFrom)
    if (!ofFrom.has(to)) ofFrom.set(to, changesBetween(from, to, owns))
    return ofFrom.get(to)
  }
}

function changesBetween(
  from: Formats,
  to: Formats,
  owns: (key: string) => boolean,
): Attributes | undefined {
  const changes = new Map<string, unknown>()
  for (const [meaning, { key }] of from) if (!to.has(meaning) && owns(key)) changes.set(key, null)
  for (const [meaning, { key, value }] of to) if (!from.has(meaning)) changes.set(key, value)
  return changes.size === 0 ? undefined : Object.fromEntries(changes)
}

/**
 * Applies operations on the concatenated texts to each text. Inserts between two go to the first.
 */
function apply(texts: readonly Y.Text[], operations: readonly Operation[]): void {
  const deltas: object[][] = texts.map(() => [])
  const lengths = texts.map(({ length }) => length)
  let index = 0
  let left = lengths[0] ?? 0
  for (const operation of operations) {
    if (operation.kind === 'insert') {
      const { insert: inserted, formats } = operation
      deltas[index]?.push({ insert: inserted, attributes: attributesOf(formats) })
      continue
    }
    for (let length = operation.length; length > 0; ) {
      while (left === 0 && index < texts.length - 1) {
        index += 1
        left = lengths[index] ?? 0
      }
      const part = Math.min(length, left)
      if (part === 0) throw new Error('the operations reach past the end of the texts')
      if (operation.kind === 'delete') deltas[index]?.push({ delete: part })
      else {
        const { attributes } = operation
        deltas[index]?.push({ retain: part, ...(attributes === undefined ? {} : { attributes }) })
      }
      length -= part
      left -= part
    }
  }
  for (const [at, text] of texts.entries()) {
    if (deltas[at]?.some((part) => !('retain' in part) || 'attributes' in part) === true) {
      text.applyDelta(deltas[at])
    }
  }
}
