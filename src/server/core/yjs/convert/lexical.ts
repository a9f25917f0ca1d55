import * as Y from 'yjs'
import type { Json } from '../../../../protocol/index.ts'
import { ContentError } from './content-error.ts'
import { plainValue } from './plain-value.ts'

/*
 * @lexical/yjs stores an element as a Y.XmlText, a decorator as a Y.XmlElement and other nodes as a
 * Y.Map, each embedded in the text of its parent. Properties are `__type`, `__format` and so on.
 * The characters of a text node follow its map.
 */

type Properties = Readonly<Record<string, Json>>

/** Alignments by their stored number. */
const alignments = ['', 'left', 'center', 'right', 'justify', 'start', 'end']
/** Text modes by their stored number. */
const modes = ['normal', 'token', 'segmented']

/**
 * Reads a Lexical document as the JSON of its editor: `{root: {type: 'root', children: [...]}}`.
 * Throws UNSUPPORTED_CONTENT for content that @lexical/yjs does not produce.
 */
export function readLexical(root: Y.XmlText): Json {
  return {
    root: {
      ...elementProperties({ ...propertiesOf(root), type: 'root' }),
      children: childrenOf(root),
    },
  }
}

function childrenOf(text: Y.XmlText): readonly Json[] {
  const children: Properties[] = []
  for (const { insert } of text.toDelta() as readonly { insert: unknown }[]) {
    if (typeof insert === 'string') {
      const last = children.pop()
      if (last === undefined || typeof last['text'] !== 'string') {
        throw unsupported('characters outside of text nodes')
      }
      children.push({ ...last, text: last['text'] + insert })
    } else if (insert instanceof Y.XmlText) {
      const properties = elementProperties(propertiesOf(insert))
      children.push({ ...properties, children: childrenOf(insert) })
    } else if (insert instanceof Y.XmlElement || insert instanceof Y.Map) {
      children.push(leafOf(insert))
    } else throw unsupported('an embedded object')
  }
  return children
}

function leafOf(type: Y.XmlElement | Y.Map<unknown>): Properties {
  const properties = propertiesOf(type)
  if (!(type instanceof Y.Map) || typeof properties['mode'] !== 'number') {
    return { ...properties, version: 1 }
  }
  const mode = modes[properties['mode']] ?? 'normal'
  return { ...properties, mode, text: '', version: 1 }
}

function elementProperties(properties: Properties): Properties {
  const { format, dir = null, ...rest } = properties
  const alignment = typeof format === 'number' ? (alignments[format] ?? '') : ''
  return { indent: 0, ...rest, direction: dir, format: alignment, version: 1 }
}

/** The properties of a node under their JSON names. */
function propertiesOf(type: Y.XmlText | Y.XmlElement | Y.Map<unknown>): Properties {
  const kept: Readonly<Record<string, unknown>> =
    type instanceof Y.Map ? Object.fromEntries(type.entries()) : type.getAttributes()
  const entries = Object.entries(kept)
    .filter(([key, value]) => key.startsWith('__') && !(value instanceof Y.AbstractType))
    .map(([key, value]) => [key.slice(2), plainValue(value)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function unsupported(what: string): ContentError {
  return new ContentError('UNSUPPORTED_CONTENT', `the Lexical document contains ${what}`)
}
