import * as Y from 'yjs'
import { align } from './align.ts'
import { canonical, type JsonRecord } from './canonical.ts'
import {
  formatsOfMarks,
  learnMarkKeys,
  type MarkKeys,
  markName,
  meaningOf,
  withoutNulls,
} from './marks.ts'
import { plainValue } from './plain-value.ts'
import type { ProseMirrorNode } from './prosemirror-json.ts'
import { attrsOf, piecesOfTexts, readUnit, type Unit, unitsIn } from './prosemirror-read.ts'
import { changeText, type Piece } from './rich-text.ts'

/** The marks and attributes that a change controls. Others stay on text and nodes that stay. */
export interface Scope {
  readonly ownsMark: (name: string) => boolean
  readonly ownsAttribute: (node: string, name: string) => boolean
}

const everything: Scope = { ownsMark: () => true, ownsAttribute: () => true }

interface Writing {
  readonly keys: MarkKeys
  readonly scope: Scope
}

/** An element, or a run of adjacent text nodes. */
type WantedUnit =
  | { readonly kind: 'element'; readonly node: ProseMirrorNode }
  | { readonly kind: 'texts'; readonly nodes: readonly ProseMirrorNode[] }

/**
 * Sets the content of a fragment or an element with minimal changes: equal nodes are not touched,
 * similar ones are changed in place, and in texts only the differences are written. Call it in a
 * transaction.
 */
export function putContent(
  parent: Y.XmlFragment,
  node: ProseMirrorNode,
  scope: Scope = everything,
): void {
  reconcile(parent, node.content ?? [], { keys: learnMarkKeys(allPieces(parent)), scope })
}

/** Creates an element, or a fragment for a node of type `doc`, that is not in a document yet. */
export function makeType(node: ProseMirrorNode): Y.XmlElement | Y.XmlFragment {
  const writing = { keys: learnMarkKeys([]), scope: everything }
  if (node.type !== 'doc') return makeElement(node, writing)
  const fragment = new Y.XmlFragment()
  fragment.insert(0, makeUnits(node.content ?? [], writing))
  return fragment
}

/** Sets the attributes and the content of an element to those of a node of the same type. */
export function putElement(element: Y.XmlElement, node: ProseMirrorNode): void {
  const keys = learnMarkKeys(allPieces(element))
  changeElement(element, node, { keys, scope: everything })
}

function* allPieces(parent: Y.XmlFragment): Generator<Piece> {
  for (const unit of unitsIn(parent)) {
    if (unit.kind === 'texts') yield* piecesOfTexts(unit.texts)
    else yield* allPieces(unit.element)
  }
}

function wantedUnits(nodes: readonly ProseMirrorNode[]): readonly WantedUnit[] {
  const units: WantedUnit[] = []
  let texts: ProseMirrorNode[] | undefined
  for (const node of nodes) {
    if (node.type !== 'text') {
      texts = undefined
      units.push({ kind: 'element', node })
    } else if (texts === undefined) {
      texts = [node]
      units.push({ kind: 'texts', nodes: texts })
    } else texts.push(node)
  }
  return units
}

function reconcile(
  parent: Y.XmlFragment,
  nodes: readonly ProseMirrorNode[],
  writing: Writing,
): void {
  const units = unitsIn(parent).map((unit) => ({ unit, nodes: readUnit(unit) }))
  // An empty text is invisible: it is left in place or filled.
  const filled = units.filter(({ nodes: read }) => read.length > 0)
  const wanted = wantedUnits(nodes)
  const wantedNodes = wanted.map((one) => (one.kind === 'texts' ? one.nodes : [one.node]))
  const steps = align({
    old: filled.map(({ nodes: read }) => keyOf(read, writing.scope)),
    wanted: wantedNodes.map((read) => keyOf(read, writing.scope)),
    likeness: (i, j) => likeness(filled[i]?.nodes ?? [], wantedNodes[j] ?? []),
  })
  const cursor = createCursor(
    parent,
    units.map(({ unit }) => unit),
  )
  for (const step of steps) {
    if (step.kind === 'add') add(cursor, wanted[step.wanted], writing)
    else {
      const unit = filled[step.old]?.unit
      if (unit === undefined) continue
      cursor.goTo(unit)
      if (step.kind === 'remove') remove(cursor, unit, units.length)
      else {
        if (step.kind === 'change') change(unit, wanted[step.wanted], writing)
        cursor.pass()
      }
    }
  }
}

/** A position between the units of a parent while they are changed in order. */
interface Cursor {
  readonly parent: Y.XmlFragment
  /**
   * The child before it. New ones are inserted after it, since Yjs finds an index only by walking.
   */
  readonly last: Y.XmlElement | Y.XmlText | null
  /** The unit after it. */
  readonly unit: Unit | undefined
  goTo(unit: Unit): void
  pass(): void
  /** Moves the cursor past newly inserted children. */
  inserted(types: readonly (Y.XmlElement | Y.XmlText)[]): void
  /** Skips the unit after it, which was removed. */
  removed(): void
}

function createCursor(parent: Y.XmlFragment, units: readonly Unit[]): Cursor {
  let last: Cursor['last'] = null
  let next = 0
  const pass = (): void => {
    const unit = units[next]
    if (unit !== undefined) last = typesOf(unit).at(-1) ?? last
    next += 1
  }
  return {
    parent,
    get last() {
      return last
    },
    get unit() {
      return units[next]
    },
    goTo(unit) {
      while (units[next] !== unit) pass()
    },
    pass,
    inserted(types) {
      last = types.at(-1) ?? last
    },
    removed() {
      next += 1
    },
  }
}

function typesOf(unit: Unit): readonly (Y.XmlElement | Y.XmlText)[] {
  return unit.kind === 'texts' ? unit.texts : [unit.element]
}

function add(cursor: Cursor, wanted: WantedUnit | undefined, writing: Writing): void {
  if (wanted === undefined) return
  const { parent, last, unit } = cursor
  const isEmptyText = unit?.kind === 'texts' && unit.texts.every(({ length }) => length === 0)
  if (wanted.kind === 'texts' && isEmptyText) {
    change(unit, wanted, writing)
    return cursor.pass()
  }
  const types = makeUnits(wanted.kind === 'texts' ? wanted.nodes : [wanted.node], writing)
  parent.insertAfter(last, types)
  cursor.inserted(types)
}

function remove(cursor: Cursor, unit: Unit, units: number): void {
  // An emptied paragraph keeps its text type, so that concurrent typing into it is not lost.
  if (unit.kind === 'texts' && units === 1) {
    for (const text of unit.texts) text.delete(0, text.length)
    return cursor.pass()
  }
  cursor.parent.doc?.transact((transaction) => {
    for (const type of typesOf(unit)) type._item?.delete(transaction)
  })
  cursor.removed()
}

function change(unit: Unit, wanted: WantedUnit | undefined, writing: Writing): void {
  if (wanted === undefined) return
  if (unit.kind === 'texts') {
    if (wanted.kind !== 'texts') return
    const { ownsMark } = writing.scope
    changeText(unit.texts, piecesFor(wanted.nodes, writing), formatsOfMarks, (key) =>
      ownsMark(markName(key)),
    )
  } else if (wanted.kind === 'element') changeElement(unit.element, wanted.node, writing)
}

function changeElement(element: Y.XmlElement, node: ProseMirrorNode, writing: Writing): void {
  const old = attrsOf(element)
  const wanted = withoutNulls(node.attrs ?? {})
  const { ownsAttribute } = writing.scope
  for (const name of Object.keys(element.getAttributes())) {
    const isGone = old[name] !== undefined && wanted[name] === undefined
    if (isGone && ownsAttribute(node.type, name)) element.removeAttribute(name)
  }
  for (const [name, value] of Object.entries(wanted)) {
    if (canonical(old[name] ?? null) !== canonical(value)) setAttribute(element, name, value)
  }
  reconcile(element, node.content ?? [], writing)
}

/**
 * Yjs stores any JSON as an attribute, as y-prosemirror relies on; its types allow only strings.
 */
function setAttribute(element: Y.XmlElement, name: string, value: unknown): void {
  element.setAttribute(name, value as string)
}

function piecesFor(nodes: readonly ProseMirrorNode[], { keys }: Writing): readonly Piece[] {
  return nodes.map(({ text = '', marks = [] }) => ({ insert: text, formats: keys.formats(marks) }))
}

function makeUnits(
  nodes: readonly ProseMirrorNode[],
  writing: Writing,
): (Y.XmlElement | Y.XmlText)[] {
  return wantedUnits(nodes).map((unit) =>
    unit.kind === 'element' ? makeElement(unit.node, writing) : makeText(unit.nodes, writing),
  )
}

function makeElement(node: ProseMirrorNode, writing: Writing): Y.XmlElement {
  const element = new Y.XmlElement(node.type)
  for (const [name, value] of Object.entries(withoutNulls(node.attrs ?? {}))) {
    setAttribute(element, name, value)
  }
  element.insert(0, makeUnits(node.content ?? [], writing))
  return element
}

function makeText(nodes: readonly ProseMirrorNode[], writing: Writing): Y.XmlText {
  const text = new Y.XmlText()
  text.applyDelta(
    piecesFor(nodes, writing).map(({ insert, formats }) => ({
      insert,
      attributes: Object.fromEntries([...formats.values()].map(({ key, value }) => [key, value])),
    })),
  )
  return text
}

/** Canonical text of nodes within a scope: equal text means no change. */
function keyOf(nodes: readonly ProseMirrorNode[], scope: Scope): string {
  return JSON.stringify(mergeTexts(nodes.map((node) => keyPart(node, scope))))
}

type KeyPart = readonly [type: string, about: string, content: string | readonly KeyPart[]]

function keyPart(node: ProseMirrorNode, scope: Scope): KeyPart {
  const { type, attrs = {}, marks = [], text, content = [] } = node
  if (text !== undefined) {
    const owned = marks.filter((mark) => scope.ownsMark(mark.type)).map(meaningOf)
    return [type, owned.sort().join('\n'), text]
  }
  const owned = Object.entries(withoutNulls(attrs)).filter(([name]) =>
    scope.ownsAttribute(type, name),
  )
  const about = canonical(plainValue(Object.fromEntries(owned) as JsonRecord))
  return [type, about, mergeTexts(content.map((child) => keyPart(child, scope)))]
}

function mergeTexts(parts: readonly KeyPart[]): readonly KeyPart[] {
  const merged: KeyPart[] = []
  for (const part of parts) {
    const last = merged.at(-1)
    const [type, about, content] = part
    const goesOn = type === 'text' && last?.[0] === 'text' && last[1] === about
    if (goesOn && typeof last[2] === 'string' && typeof content === 'string') {
      merged[merged.length - 1] = [type, about, last[2] + content]
    } else merged.push(part)
  }
  return merged
}

/** Similarity of nodes that can be changed into one another. */
function likeness(old: readonly ProseMirrorNode[], wanted: readonly ProseMirrorNode[]): number {
  if (old[0]?.type !== wanted[0]?.type) return 0
  return 0.1 + 0.9 * shareOf(textOf(old), textOf(wanted))
}

/** Maximum number of characters to compare for the similarity of nodes. */
const comparedMax = 400

function textOf(nodes: readonly ProseMirrorNode[]): string {
  let text = ''
  for (const node of nodes) {
    if (text.length >= comparedMax) break
    text += node.text ?? textOf(node.content ?? [])
  }
  return text
}

/** The share of two texts that is their common prefix and suffix. */
function shareOf(a: string, b: string): number {
  if (a === b) return 1
  const most = Math.min(a.length, b.length)
  let start = 0
  while (start < most && a[start] === b[start]) start += 1
  let end = 0
  while (end < most - start && a.at(-1 - end) === b.at(-1 - end)) end += 1
  return (start + end) / Math.max(1, a.length, b.length)
}
