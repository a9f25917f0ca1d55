import * as Y from 'yjs'
import { markNameOf } from './editor-schema.ts'
import type { ScannedClient } from './scan-update.ts'
import { type DocumentSchema, isNodeName, SchemaRules } from './schema-rules.ts'

/** A correction of one item, to apply in a transaction. */
interface Correction {
  readonly item: Y.Item
  readonly act: (transaction: Y.Transaction) => void
}

/**
 * Applies corrections and returns their number. Skips items whose parent was removed by an earlier
 * one.
 */
export function correct(doc: Y.Doc, corrections: readonly Correction[]): number {
  let corrected = 0
  doc.transact((transaction) => {
    for (const { item, act } of corrections) {
      if (item.deleted) continue
      act(transaction)
      corrected += 1
    }
  })
  return corrected
}

/**
 * Finds new content of a ProseMirror document that is unsafe or would crash an editor. Checks only
 * new items, in linear time. Corrections are written like the changes of a client, so all readers
 * converge.
 *
 * Only elements nested in elements below a root or a fragment count as ProseMirror content. Maps,
 * arrays, plain texts and embeds belong to other programs and are not checked.
 */
export class SchemaGuard {
  readonly #rules: SchemaRules
  /** Whether a checked root contains elements. */
  readonly #roots = new WeakMap<Y.AbstractType<unknown>, boolean>()

  constructor(schema: DocumentSchema) {
    this.#rules = new SchemaRules(schema)
  }

  /**
   * Finds corrections for the items under these clocks. Changes nothing: most updates are a single
   * letter, and a transaction costs more than this check.
   */
  look(doc: Y.Doc, clients: readonly ScannedClient[]): readonly Correction[] {
    const found: Correction[] = []
    for (const item of newItems(doc, clients)) {
      const act = this.#actFor(item, clients)
      if (act !== undefined) found.push({ item, act })
    }
    return found
  }

  #actFor(item: Y.Item, clients: readonly ScannedClient[]): Correction['act'] | undefined {
    const { parent, parentSub, content } = item
    if (!(parent instanceof Y.AbstractType)) return undefined
    if (parentSub !== null) {
      const isAttribute = parent instanceof Y.XmlElement && isShown(parent)
      return isAttribute ? this.#actForAttribute(content, parent, parentSub) : undefined
    }
    const isMisplaced =
      parent instanceof Y.XmlText
        ? this.#isBadInText(item, parent)
        : parent instanceof Y.XmlElement
          ? isShown(parent) && isBadInElement(content, parent, clients)
          : this.#isBadInRoot(content, parent)
    return isMisplaced ? (transaction) => item.delete(transaction) : undefined
  }

  #actForAttribute(
    content: Y.Item['content'],
    element: Y.XmlElement,
    key: string,
  ): Correction['act'] | undefined {
    // A type, a document or bytes are not a node attribute.
    const value = content instanceof Y.ContentAny ? content.arr.at(-1) : content
    const verdict = this.#rules.judgeNode(element.nodeName, key, value)
    if (verdict.kind === 'sound') return undefined
    return verdict.kind === 'remove'
      ? () => element.removeAttribute(key)
      : () => element.setAttribute(key, verdict.value as string)
  }

  #isBadInText({ content }: Y.Item, text: Y.XmlText): boolean {
    if (content instanceof Y.ContentFormat) {
      const { key, value } = content
      return value !== null && isInElements(text) && !this.#rules.allowsMark(markNameOf(key), value)
    }
    // Lexical and Slate store nodes in texts, but never in a text inside an element.
    return (
      !(content instanceof Y.ContentString) &&
      text.parent instanceof Y.XmlElement &&
      isShown(text.parent)
    )
  }

  #isBadInRoot(content: Y.Item['content'], parent: Y.AbstractType<unknown>): boolean {
    const isFragment = parent instanceof Y.XmlFragment
    if (!isFragment && parent._item !== null) return false
    const type = content instanceof Y.ContentType ? content.type : undefined
    if (type instanceof Y.XmlElement) {
      if (!type._map.has(lexicalType)) this.#roots.set(parent, true)
      return !isNodeName(type.nodeName)
    }
    if (type instanceof Y.XmlText) return false
    return isFragment || this.#holdsElements(parent)
  }

  #holdsElements(root: Y.AbstractType<unknown>): boolean {
    const known = this.#roots.get(root)
    if (known !== undefined) return known
    let holds = false
    for (let item = root._start; item !== null && !holds; item = item.right) {
      const type = item.content instanceof Y.ContentType ? item.content.type : undefined
      holds = !item.deleted && type instanceof Y.XmlElement && !type._map.has(lexicalType)
    }
    this.#roots.set(root, holds)
    return holds
  }
}

/** The attribute that identifies Lexical's elements. */
const lexicalType = '__type'

/** Maximum nesting of elements: editors render them recursively. */
const depthMax = 200

/** The items under these clocks at the start of the check. */
function newItems({ store }: Y.Doc, clients: readonly ScannedClient[]): readonly Y.Item[] {
  const found: Y.Item[] = []
  for (const { client, from, to } of clients) {
    const structs = store.clients.get(client) ?? []
    for (let at = Y.findIndexSS(structs, from); at < structs.length; at += 1) {
      const struct = structs[at]
      if (struct === undefined || struct.id.clock >= to) break
      if (struct instanceof Y.Item && !struct.deleted) found.push(struct)
    }
  }
  return found
}

/** Whether all ancestors up to a fragment or a root are elements, so that an editor shows it. */
function isShown(element: Y.XmlElement): boolean {
  for (let item = element._item; item !== null; ) {
    const above = item.parent
    if (item.parentSub !== null || !(above instanceof Y.AbstractType)) return false
    if (above._item === null) return true
    if (!(above instanceof Y.XmlFragment)) return false
    if (!(above instanceof Y.XmlElement)) return true
    item = above._item
  }
  return true
}

function isInElements(text: Y.XmlText): boolean {
  const { parent } = text
  if (parent instanceof Y.XmlElement) return isShown(parent)
  return parent instanceof Y.XmlFragment || parent?._item === null
}

function isBadInElement(
  content: Y.Item['content'],
  parent: Y.XmlElement,
  clients: readonly ScannedClient[],
): boolean {
  if (content instanceof Y.ContentType) {
    const { type } = content
    if (type instanceof Y.XmlElement) return !isNodeName(type.nodeName) || isTooDeep(type)
    return !(type instanceof Y.XmlText)
  }
  const isText = content instanceof Y.ContentString || content instanceof Y.ContentFormat
  return !isText || hasTextsOfItsOwn(topOf(parent), clients)
}

function isTooDeep(element: Y.XmlElement): boolean {
  let depth = 0
  let item = element._item
  for (; item !== null && depth <= depthMax; depth += 1) {
    item = item.parent instanceof Y.AbstractType ? item.parent._item : null
  }
  return depth > depthMax
}

function topOf(element: Y.XmlElement): Y.XmlElement {
  let top = element
  while (top.parent instanceof Y.XmlElement) top = top.parent
  return top
}

type Elements = Pick<Y.XmlElement, '_start'>

/** Maximum number of elements to inspect to determine the Yjs version of the editors. */
const looksMax = 1_000

/**
 * Whether the editors of this document store text in separate texts, as with Yjs 13. With Yjs 14
 * text is in the elements themselves, where it is legitimate.
 */
function hasTextsOfItsOwn(top: Y.XmlElement, clients: readonly ScannedClient[]): boolean {
  const isNew = ({ id }: Y.Item): boolean =>
    clients.some(
      ({ client, from, to }) => client === id.client && id.clock >= from && id.clock < to,
    )
  const waiting: Elements[] = [top.parent ?? top]
  let hasTexts = false
  for (let looks = 0; looks < looksMax; looks += 1) {
    const next = waiting.shift()
    if (next === undefined) break
    for (let item = next._start; item !== null && waiting.length < looksMax; item = item.right) {
      const { content } = item
      if (item.deleted) continue
      if (content instanceof Y.ContentString && !isNew(item)) return false
      if (!(content instanceof Y.ContentType)) continue
      if (content.type instanceof Y.XmlText) hasTexts ||= next instanceof Y.XmlElement
      else if (content.type instanceof Y.XmlElement) waiting.push(content.type)
    }
  }
  return hasTexts
}
