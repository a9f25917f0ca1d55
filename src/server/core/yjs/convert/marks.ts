import { encodeAny, toBase64 } from 'lib0/buffer'
import { digest } from 'lib0/hash/sha256'
import { canonical, isRecord, type JsonRecord } from './canonical.ts'
import { plainValue } from './plain-value.ts'
import type { ProseMirrorMark } from './prosemirror-json.ts'
import type { Format, Formats, Piece } from './rich-text.ts'

/*
 * y-prosemirror stores a mark as a format: the key is the mark's name, the value its attributes.
 * Marks that can overlap themselves (`excludes: ''`, such as comments) have a hash appended to the
 * name.
 */

const hashedKey = /^(.*)--[a-zA-Z0-9+/=]{8}$/s

/** The mark name of a format key. */
export function markName(key: string): string {
  return hashedKey.exec(key)?.[1] ?? key
}

/** The mark of a format. */
export function markOf({ key, value }: Format): ProseMirrorMark {
  const attrs = plainValue(value)
  const type = markName(key)
  return isRecord(attrs) && Object.keys(attrs).length > 0 ? { type, attrs } : { type }
}

/** Canonical text of a mark; attributes without a value are ignored. */
export function meaningOf({ type, attrs = {} }: ProseMirrorMark): string {
  return `${type} ${canonical(withoutNulls(attrs))}`
}

/** Attributes that have a value. */
export function withoutNulls(attrs: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(attrs).filter(([, value]) => value !== null))
}

/** The formats of a text, keyed by their marks. */
export function formatsOfMarks(attributes: Readonly<Record<string, unknown>>): Formats {
  const formats = new Map<string, Format>()
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) add(formats, { key, value })
  }
  return formats
}

function add(formats: Map<string, Format>, format: Format): void {
  const meaning = meaningOf(markOf(format))
  let free = meaning
  for (let count = 2; formats.has(free); count += 1) free = `${meaning} ${count}`
  formats.set(free, format)
}

/** Maps marks to formats; reuses the keys that the document already has. */
export interface MarkKeys {
  formats(marks: readonly ProseMirrorMark[]): Formats
}

/** Collects the format keys of a document's marks. */
export function learnMarkKeys(pieces: Iterable<Piece>): MarkKeys {
  const known = new Map<string, Format>()
  const hashed = new Set<string>()
  for (const { formats } of pieces) {
    for (const [meaning, format] of formats) {
      known.set(meaning, format)
      if (hashedKey.test(format.key)) hashed.add(markName(format.key))
    }
  }

  function formatOf(mark: ProseMirrorMark, several: boolean): Format {
    const format = known.get(meaningOf(mark))
    if (format !== undefined && (!several || hashedKey.test(format.key))) return format
    const isHashed = several || hashed.has(mark.type)
    return { key: isHashed ? hashedKeyOf(mark) : mark.type, value: mark.attrs ?? {} }
  }

  return {
    formats(marks) {
      const formats = new Map<string, Format>()
      for (const mark of marks) {
        const several = marks.filter(({ type }) => type === mark.type).length > 1
        const format = formatOf(mark, several)
        if (several) hashed.add(mark.type)
        let meaning = meaningOf(mark)
        for (let count = 2; formats.has(meaning); count += 1)
          meaning = `${meaningOf(mark)} ${count}`
        formats.set(meaning, format)
      }
      return formats
    },
  }
}

/** The hashed key of a mark that can overlap itself, as in y-prosemirror. */
function hashedKeyOf({ type, attrs }: ProseMirrorMark): string {
  const hasAttrs = attrs !== undefined && Object.keys(attrs).length > 0
  const bytes = digest(encodeAny(hasAttrs ? { type, attrs } : { type }))
  const folded = bytes.slice(0, foldedBytes)
  for (let at = foldedBytes; at < bytes.length; at += 1) {
    folded[at % foldedBytes] = (folded[at % foldedBytes] ?? 0) ^ (bytes[at] ?? 0)
  }
  return `${type}--${toBase64(folded)}`
}

const foldedBytes = 6
