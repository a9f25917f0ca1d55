/**
 * The kind of a root type. Yjs does not store the type of a root, so it is inferred from the
 * content.
 *
 * - `empty`: no content
 * - `text`: characters, formats and embedded objects (Y.Text)
 * - `prosemirror`: XML elements and texts, as stored by y-prosemirror (Y.XmlFragment)
 * - `lexical`: a Lexical document, as stored by @lexical/yjs
 * - `nested text`: other texts within a text, as stored by slate-yjs
 * - `map`, `array`: Y.Map, Y.Array
 * - `other`: anything else, or a mix of these
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

/** The kinds that a request may name for an empty root. */
export const givenKinds = ['text', 'prosemirror', 'map', 'array'] as const

/** The kind to assume for an empty root. */
export type GivenKind = (typeof givenKinds)[number]

/** Descriptions for error messages. */
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
