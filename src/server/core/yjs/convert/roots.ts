import * as Y from 'yjs'
import { ContentError } from './content-error.ts'
import { type GivenKind, kindNames, type RootKind } from './root-kind.ts'

/** The kinds of all roots, sorted by name. */
export function rootsOf(doc: Y.Doc): Readonly<Record<string, RootKind>> {
  const names = [...doc.share.keys()].sort()
  return Object.fromEntries(names.map((name) => [name, kindOf(doc, name)]))
}

/** The kind of a root. A root that was never written is empty. */
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
    // Lexical's root XmlText may have attributes. Keys without list content mean a map.
    return kind === 'empty' ? 'map' : kind === 'lexical' || kind === 'nested text' ? kind : 'other'
  }
  return mixtureOf(kinds)
}

/** The kind of a list with these kinds of content. */
function mixtureOf(kinds: ReadonlySet<RootKind>): RootKind {
  if (kinds.has('other')) return 'other'
  if (kinds.has('lexical')) return 'lexical'
  if (kinds.has('nested text')) return 'nested text'
  // Shared types embedded in a text, or mixed with plain values in an array.
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

/** The kind of a text nested in a text, inferred from its attributes and content. */
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
 * The kind of a root; for an empty root the given kind, or else a fallback. Throws
 * UNSUPPORTED_CONTENT if the root has another kind than the given one.
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

/** Creates an UNSUPPORTED_CONTENT refusal. */
export function unsupported(message: string): ContentError {
  return new ContentError('UNSUPPORTED_CONTENT', message)
}
