import * as Y from 'yjs'
import type { JsonRecord } from './canonical.ts'
import { sorted } from './canonical.ts'
import { ContentError } from './content-error.ts'
import { formatsOfMarks, markOf, withoutNulls } from './marks.ts'
import { plainValue } from './plain-value.ts'
import type { ProseMirrorNode } from './prosemirror-json.ts'
import { type Formats, type Piece, piecesOf } from './rich-text.ts'

/** An element, or a run of adjacent texts, which an editor shows as one. */
export type Unit =
  | { readonly kind: 'element'; readonly element: Y.XmlElement }
  | { readonly kind: 'texts'; readonly texts: readonly Y.XmlText[] }

/**
 * The units of a fragment or an element. Throws UNSUPPORTED_CONTENT for anything that no
 * ProseMirror editor writes.
 */
export function unitsIn(parent: Y.XmlFragment): readonly Unit[] {
  const units: Unit[] = []
  let texts: Y.XmlText[] | undefined
  for (const child of parent.toArray()) {
    if (child instanceof Y.XmlText) {
      if (texts === undefined) {
        texts = []
        units.push({ kind: 'texts', texts })
      }
      texts.push(child)
      continue
    }
    if (!(child instanceof Y.XmlElement) || child instanceof Y.XmlHook) {
      throw unsupported('a node that is neither an XML element nor text')
    }
    texts = undefined
    units.push({ kind: 'element', element: child })
  }
  return units
}

/** Reads a whole document as ProseMirror JSON. */
export function readDocument(fragment: Y.XmlFragment): ProseMirrorNode {
  const content = readChildren(fragment)
  return { type: 'doc', ...(content.length === 0 ? {} : { content }) }
}

/** Reads the content of a fragment or an element as ProseMirror JSON. */
export function readChildren(parent: Y.XmlFragment): readonly ProseMirrorNode[] {
  return unitsIn(parent).flatMap(readUnit)
}

/** Reads an element, or the text nodes of adjacent texts. */
export function readUnit(unit: Unit): readonly ProseMirrorNode[] {
  return unit.kind === 'element' ? [readElement(unit.element)] : readTexts(unit.texts)
}

/** Reads an element as ProseMirror JSON. */
export function readElement(element: Y.XmlElement): ProseMirrorNode {
  const attrs = attrsOf(element)
  const content = readChildren(element)
  return {
    type: element.nodeName,
    ...(Object.keys(attrs).length === 0 ? {} : { attrs }),
    ...(content.length === 0 ? {} : { content }),
  }
}

/** The attributes of an element that have a value. */
export function attrsOf(element: Y.XmlElement): JsonRecord {
  const attributes = Object.entries(element.getAttributes() as Readonly<Record<string, unknown>>)
  const values = attributes.map(([key, value]) => {
    if (value instanceof Y.AbstractType) throw unsupported('a shared type as an attribute')
    return [key, plainValue(value)] as const
  })
  return withoutNulls(sorted(Object.fromEntries(values)))
}

function readTexts(texts: readonly Y.XmlText[]): readonly ProseMirrorNode[] {
  const nodes: { type: 'text'; text: string; formats: Formats }[] = []
  for (const { insert, formats } of piecesOfTexts(texts)) {
    if (typeof insert !== 'string') throw unsupported('an object embedded in a text')
    const last = nodes.at(-1)
    if (last !== undefined && isSame(last.formats, formats)) last.text += insert
    else nodes.push({ type: 'text', text: insert, formats })
  }
  return nodes.map(({ type, text, formats }) => {
    const marks = [...formats.values()].map(markOf)
    return { type, text, ...(marks.length === 0 ? {} : { marks }) }
  })
}

/** The pieces of adjacent texts. */
export function piecesOfTexts(texts: readonly Y.XmlText[]): readonly Piece[] {
  if (texts.some((text) => text._map.size > 0)) throw unsupported('a text that has attributes')
  return piecesOf(texts, formatsOfMarks)
}

function isSame(a: Formats, b: Formats): boolean {
  return a.size === b.size && [...a.keys()].every((meaning) => b.has(meaning))
}

function unsupported(what: string): ContentError {
  return new ContentError(
    'UNSUPPORTED_CONTENT',
    `the document contains ${what}, which ProseMirror JSON cannot express`,
  )
}
