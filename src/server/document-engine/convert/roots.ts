import * as Y from 'yjs'
import { ContentError } from './refusal.ts'

/**
 * What a root type of a document holds. Yjs does not keep of what type a root is: it shows in what is in it.
 *
 * - `empty`: nothing, or nothing any more
 * - `text`: characters, formats and embedded objects (Y.Text)
 * - `prosemirror`: XML elements and texts, as y-prosemirror keeps a document (Y.XmlFragment)
 * - `lexical`: a Lexical editor's document, as @lexical/yjs keeps it
 * - `nested text`: texts within a text that are not Lexical's, as slate-yjs has them
 * - `map`, `array`: Y.Map, Y.Array
 * - `other`: something else, or several of these at once
 */
export type RootKind =
  | 'empty'
  | 'text'
  | 'prosemirror'
  | 'lexical'
  | 'nested text'
  | 'map'
  | 'array'
  | 'other'

/** What a root is to be, where it is empty. */
export type GivenKind = Extract<RootKind, 'text' | 'prosemirror' | 'map' | 'array'>

/** In words, for a refusal. */
export const kindNames: Readonly<Record<RootKind, string>> = {
  empty: 'nothing',
  text: 'a text (Y.Text)',
  prosemirror: 'a ProseMirror document (Y.XmlFragment)',
  lexical: 'a Lexical document',
  'nested text': 'texts nested in a text',
  map: 'a map (Y.Map)',
  array: 'an array (Y.Array)',
  other: 'content of mixed types',
}

/** The kinds of all roots, in the order of their names. */
export function rootsOf(doc: Y.Doc): Readonly<Record<string, RootKind>> {
  const names = [...doc.share.keys()].sort()
  return Object.fromEntries(names.map((name) => [name, kindOf(doc, name)]))
}

/** What a root holds. A root that was never written to is empty. */
export function kindOf(doc: Y.Doc, name: string): RootKind {
  const root = doc.share.get(name)
  if (root === undefined) return 'empty'
  const kinds = new Set<RootKind>()
  for (let item = root._start; item !== null; item = item.right) {
    if (!item.deleted) kinds.add(kindOfContent(item.content))
  }
  const [kind = 'empty', more] = kinds
  if (more === undefined) {
    if (root._map.size === 0) return kind
    // A root XmlText of Lexical may have attributes. A key makes a map of what has no list.
    return kind === 'empty' ? 'map' : kind === 'lexical' || kind === 'nested text' ? kind : 'other'
  }
  return mixtureOf(kinds)
}

/** What several kinds of content in one list come to. */
function mixtureOf(kinds: ReadonlySet<RootKind>): RootKind {
  if (kinds.has('other')) return 'other'
  if (kinds.has('lexical')) return 'lexical'
  if (kinds.has('nested text')) return 'nested text'
  // Shared types that are embedded in a text, or beside plain values in an array.
  if (kinds.has('text')) return kinds.size === 2 && kinds.has('array') ? 'text' : 'nested text'
  return kinds.has('array') ? 'array' : 'other'
}

function kindOfContent(content: Y.Item['content']): RootKind {
  if (content instanceof Y.ContentString || content instanceof Y.ContentFormat) return 'text'
  if (content instanceof Y.ContentEmbed) return 'text'
  if (!(content instanceof Y.ContentType)) return isValue(content) ? 'array' : 'other'
  const { type } = content
  if (type instanceof Y.XmlHook) return 'other'
  if (type instanceof Y.XmlText) {
    if (type._map.has('__type')) return 'lexical'
    return type._map.size > 0 ? 'nested text' : kindOfNested(type)
  }
  if (type instanceof Y.XmlElement) return type._map.has('__type') ? 'lexical' : 'prosemirror'
  return 'array'
}

/** A text in an XML fragment has characters only; in a text it has what makes it one of an editor's own kind. */
function kindOfNested(text: Y.XmlText): RootKind {
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentType)) continue
    return item.content.type._map.has('__type') ? 'lexical' : 'nested text'
  }
  return 'prosemirror'
}

function isValue(content: Y.Item['content']): boolean {
  return (
    content instanceof Y.ContentAny ||
    content instanceof Y.ContentJSON ||
    content instanceof Y.ContentBinary ||
    content instanceof Y.ContentDoc
  )
}

/**
 * Finds out what a root holds; where it is empty, what it is given as, and else a fallback. Throws UNSUPPORTED_CONTENT where it holds
 * something else than it is given as.
 */
export function resolveKind(
  doc: Y.Doc,
  { field, kind: given }: { readonly field: string; readonly kind?: GivenKind },
  fallback: GivenKind,
): Exclude<RootKind, 'empty'> {
  const kind = kindOf(doc, field)
  if (kind === 'empty') return given ?? fallback
  if (given !== undefined && given !== kind) {
    throw unsupported(`'${field}' contains ${kindNames[kind]}, not ${kindNames[given]}`)
  }
  return kind
}

/** A refusal of what cannot be converted. */
export function unsupported(message: string): ContentError {
  return new ContentError('UNSUPPORTED_CONTENT', message)
}
