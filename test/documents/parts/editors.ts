import * as Y14 from '@y/y'
import * as Y13 from 'yjs'
import * as Y135 from 'yjs-13.5'
import type { Random } from './hostile.ts'

/*
 * Random editing with undo and redo, by the Yjs versions that clients have. Every version edits the
 * same roots: a formatted text with embeds, an array and a map with types in them, and XML with
 * nested lists, tables and attributes.
 */

export const versions = ['13.5', '13.6', '14'] as const
export type Version = (typeof versions)[number]

/** One client's document, of one version of Yjs. */
export interface Editor {
  readonly version: Version
  readonly clientId: number
  /** Makes one random change. */
  edit(): void
  undo(): void
  redo(): void
  /** Starts a new undo step. */
  stopCapturing(): void
  /** Applies what came from the server. */
  apply(update: Uint8Array): void
  stateVector(): Uint8Array
  /** The update that a client at this state vector is missing. */
  difference(stateVector: Uint8Array): Uint8Array
  /**
   * Whether its page can show attributes that no other client has. When the parent was redone too,
   * these versions name a neighbor in the deleted parent (yjs 757, fixed in 13.6); others put the
   * attribute there. Reopening the page removes it.
   */
  readonly inventsAttributes: boolean
  /** The document in a form in which two of the same content and history are equal. */
  shape(what?: ShapeOptions): unknown
  /** A document of the same version that gets the given updates. */
  reload(updates: readonly Uint8Array[]): unknown
}

interface EditorOptions {
  readonly version: Version
  readonly clientId: number
  readonly random: Random
  /** Only the XML is edited, so that more happens in one place. */
  readonly narrow: boolean
  /** Called with each update that is not from the server. */
  readonly changed: (update: Uint8Array) => void
}

const fromServer = Symbol('from the server')
const words = ['a', 'hello ', 'é中', '😀', 'line\n']
const names = ['paragraph', 'ul', 'table']
const values = [1, 'two', null, { deep: [true] }, 1.5]

function pick<T>(random: Random, list: readonly T[], otherwise: T): T {
  return list[random(list.length)] ?? otherwise
}

export function createEditor(options: EditorOptions): Editor {
  if (options.version === '14') return createEditor14(options)
  // The parts that are used here are the same in both.
  return createEditor13(options, options.version === '13.6' ? Y13 : (Y135 as unknown as typeof Y13))
}

function createEditor13(
  { version, clientId, random, narrow, changed }: EditorOptions,
  Y: typeof Y13,
): Editor {
  const make = (): Y13.Doc => {
    const made = new Y.Doc()
    made.getText('t')
    made.getArray('a')
    made.getMap('m')
    made.getXmlFragment('x')
    return made
  }
  const doc = make()
  doc.clientID = clientId
  const roots = [doc.getText('t'), doc.getArray('a'), doc.getMap('m'), doc.getXmlFragment('x')]
  const manager = new Y.UndoManager(roots, { captureTimeout: Number.POSITIVE_INFINITY })
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== fromServer) changed(update)
  })

  function element(depth: number): Y13.XmlElement {
    const made = new Y.XmlElement(pick(random, names, 'p'))
    if (random(2) === 0) made.setAttribute('align', pick(random, ['left', 'right'], 'left'))
    const children: (Y13.XmlElement | Y13.XmlText)[] = [new Y.XmlText(pick(random, words, 'a'))]
    for (let left = depth < 3 ? random(3) : 0; left > 0; left -= 1)
      children.push(element(depth + 1))
    made.insert(0, children)
    return made
  }

  function editText(text: Y13.Text): void {
    const at = random(text.length + 1)
    const some = Math.min(text.length - at, 1 + random(4))
    switch (random(5)) {
      case 0:
        return text.insertEmbed(at, { image: 'x.png' })
      case 1:
        return some > 0 ? text.delete(at, some) : undefined
      case 2: {
        const mark = pick(random, ['bold', 'link'], 'bold')
        const value = pick<unknown>(random, [true, null, { href: '#' }], true)
        return some > 0 ? text.format(at, some, { [mark]: value }) : undefined
      }
      default:
        return text.insert(at, pick(random, words, 'a'))
    }
  }

  function editMap(map: Y13.Map<unknown>): void {
    const key = pick(random, ['k', 'l', 'm'], 'k')
    const before = map.get(key)
    if (before instanceof Y.AbstractType && random(2) === 0) return editType(before)
    if (random(3) === 0) return map.delete(key)
    map.set(key, random(3) === 0 ? someType() : pick(random, values, 1))
  }

  function someType(): Y13.Map<unknown> | Y13.Array<unknown> | Y13.Text {
    switch (random(3)) {
      case 0:
        return new Y.Map([['k', 'v']])
      case 1: {
        const made = new Y.Array<unknown>()
        made.insert(0, [1, 2])
        return made
      }
      default:
        return new Y.Text('some text')
    }
  }

  function editArray(array: Y13.Array<unknown>): void {
    const at = random(array.length + 1)
    const before = at < array.length ? array.get(at) : undefined
    if (before instanceof Y.AbstractType && random(2) === 0) return editType(before)
    if (random(3) === 0) {
      const some = Math.min(array.length - at, 1 + random(3))
      return some > 0 ? array.delete(at, some) : undefined
    }
    array.insert(at, random(3) === 0 ? [someType()] : [pick(random, values, 1), 'item'])
  }

  function editXml(xml: Y13.XmlFragment | Y13.XmlElement, depth: number): void {
    const at = random(xml.length + 1)
    const child = at < xml.length ? xml.get(at) : undefined
    if (random(2) === 0 && child instanceof Y.XmlElement) return editXml(child, depth + 1)
    if (random(2) === 0 && child instanceof Y.XmlText) return editText(child)
    if (xml instanceof Y.XmlElement && random(4) === 0) {
      return random(3) === 0
        ? xml.removeAttribute('align')
        : xml.setAttribute('align', `${random(9)}`)
    }
    if (random(3) === 0) {
      const some = Math.min(xml.length - at, 1 + random(3))
      return some > 0 ? xml.delete(at, some) : undefined
    }
    xml.insert(at, random(4) === 0 && depth > 0 ? [new Y.XmlText('words')] : [element(depth)])
  }

  function editType(type: unknown): void {
    if (type instanceof Y.XmlFragment) return editXml(type, 0)
    if (type instanceof Y.Text) return editText(type)
    if (type instanceof Y.Array) return editArray(type)
    if (type instanceof Y.Map) return editMap(type)
  }

  return {
    version,
    get clientId() {
      return doc.clientID
    },
    edit() {
      doc.transact(() => {
        for (let left = 1 + random(2); left > 0; left -= 1) {
          editType(narrow ? roots[3] : (roots[random(roots.length + 1)] ?? roots[3]))
        }
      })
    },
    undo: () => void manager.undo(),
    redo: () => void manager.redo(),
    stopCapturing: () => manager.stopCapturing(),
    apply: (update) => Y.applyUpdate(doc, update, fromServer),
    stateVector: () => Y.encodeStateVector(doc),
    difference: (vector) => Y.encodeStateAsUpdate(doc, vector),
    inventsAttributes: version === '13.5',
    shape: (what) => shapeOf(doc as unknown as AnyDoc, what),
    reload(updates) {
      const fresh = make()
      for (const update of updates) Y.applyUpdate(fresh, update, fromServer)
      return shapeOf(fresh as unknown as AnyDoc)
    },
  }
}

function createEditor14({ version, clientId, random, narrow, changed }: EditorOptions): Editor {
  const make = (): Y14.Doc => {
    const made = new Y14.Doc()
    for (const name of rootNames) made.get(name)
    return made
  }
  const doc = make()
  doc.clientID = clientId
  const roots = rootNames.map((name) => doc.get(name))
  const manager = new Y14.UndoManager(roots, { captureTimeout: Number.POSITIVE_INFINITY })
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== fromServer) changed(update)
  })

  function element(depth: number): Y14.Type {
    const made = new Y14.Type(pick(random, names, 'p'))
    if (random(2) === 0) made.setAttr('align', pick(random, ['left', 'right'], 'left'))
    const children: Y14.Type[] = []
    for (let left = depth < 3 ? random(3) : 0; left > 0; left -= 1)
      children.push(element(depth + 1))
    if (children.length > 0) made.insert(0, children)
    return made
  }

  function editText(text: Y14.Type): void {
    const at = random(text.length + 1)
    const some = Math.min(text.length - at, 1 + random(4))
    switch (random(4)) {
      case 0:
        return some > 0 ? text.delete(at, some) : undefined
      case 1:
        return some > 0
          ? text.format(at, some, { bold: pick<unknown>(random, [true, null], true) })
          : undefined
      default:
        return text.insert(at, pick(random, words, 'a'))
    }
  }

  function editMap(map: Y14.Type): void {
    const key = pick(random, ['k', 'l', 'm'], 'k')
    if (random(3) === 0) return map.deleteAttr(key)
    map.setAttr(key, pick(random, values, 1))
  }

  function editArray(array: Y14.Type): void {
    const at = random(array.length + 1)
    if (random(3) === 0) {
      const some = Math.min(array.length - at, 1 + random(3))
      return some > 0 ? array.delete(at, some) : undefined
    }
    array.insert(at, [pick(random, values, 1), 'item'])
  }

  function editXml(xml: Y14.Type, depth: number): void {
    const at = random(xml.length + 1)
    const child: unknown = at < xml.length ? xml.get(at) : undefined
    if (random(2) === 0 && child instanceof Y14.Type && child.name !== null) {
      return editXml(child, depth + 1)
    }
    if (depth > 0 && random(4) === 0) {
      return random(3) === 0 ? xml.deleteAttr('align') : void xml.setAttr('align', `${random(9)}`)
    }
    if (random(3) === 0) {
      const some = Math.min(xml.length - at, 1 + random(3))
      return some > 0 ? xml.delete(at, some) : undefined
    }
    xml.insert(at, [element(depth)])
  }

  const edits = [editText, editArray, editMap, (xml: Y14.Type) => editXml(xml, 0)]
  return {
    version,
    get clientId() {
      return doc.clientID
    },
    edit() {
      doc.transact(() => {
        for (let left = 1 + random(2); left > 0; left -= 1) {
          const which = narrow ? 3 : Math.min(random(5), 3)
          const root = roots[which]
          if (root !== undefined) edits[which]?.(root)
        }
      })
    },
    undo: () => void manager.undo(),
    redo: () => void manager.redo(),
    stopCapturing: () => manager.stopCapturing(),
    apply: (update) => Y14.applyUpdate(doc, update, fromServer),
    stateVector: () => Y14.encodeStateVector(doc),
    difference: (vector) => Y14.encodeStateAsUpdate(doc, vector),
    inventsAttributes: true,
    shape: (what) => shapeOf(doc as unknown as AnyDoc, what),
    reload(updates) {
      const fresh = make()
      for (const update of updates) Y14.applyUpdate(fresh, update, fromServer)
      return shapeOf(fresh as unknown as AnyDoc)
    },
  }
}

export const rootNames = ['t', 'a', 'm', 'x'] as const

/** What all versions have in common of a document. */
interface AnyStruct {
  readonly id: { readonly client: number; readonly clock: number }
  readonly length: number
  readonly deleted: boolean
  readonly right?: AnyStruct | null
  readonly content?: {
    readonly type?: AnyType
    getContent?(): unknown[]
    readonly key?: string
    readonly value?: unknown
  }
}
interface AnyType {
  readonly _start: AnyStruct | null
  readonly _map: ReadonlyMap<string, AnyStruct & { readonly left?: AnyStruct | null }>
}
export interface AnyDoc {
  readonly share: ReadonlyMap<string, AnyType>
  readonly store: { readonly clients: ReadonlyMap<number, readonly AnyStruct[]> }
}

export interface ShapeOptions {
  /** Without them only the lists count. */
  readonly attributes: boolean
}

/**
 * A document as lists of what stands where: each piece with its id, its content, and whether it was
 * deleted; and which ids of each client there are. How pieces are joined or cut is left out, and
 * what is inside of something deleted, since that is let go of at any time.
 */
export function shapeOf(doc: AnyDoc, what: ShapeOptions = { attributes: true }): unknown {
  const roots = rootNames.map((name) => typeShape(doc.share.get(name), what))
  if (!what.attributes) return roots
  const clients = [...doc.store.clients]
    .map(([client, structs]) => [client, rangesOf(structs)] as const)
    .filter(([, ranges]) => ranges.length > 0)
    .toSorted(([a], [b]) => a - b)
  return { roots, clients }
}

function rangesOf(structs: readonly AnyStruct[]): readonly unknown[] {
  const ranges: { deleted: boolean; from: number; to: number }[] = []
  for (const { id, length, deleted } of structs) {
    const last = ranges.at(-1)
    if (last !== undefined && last.deleted === deleted && last.to === id.clock) last.to += length
    else ranges.push({ deleted, from: id.clock, to: id.clock + length })
  }
  return ranges
}

function typeShape(type: AnyType | undefined, what: ShapeOptions): unknown {
  if (type === undefined) return null
  const list: unknown[] = []
  for (let item = type._start; item !== null && item !== undefined; item = item.right ?? null) {
    pushItem(list, item, what)
  }
  if (!what.attributes) return list
  const keys = [...type._map]
    .map(([key, last]) => {
      const shape: unknown[] = []
      pushItem(shape, last, what)
      // Only the last counts: those before it may have been joined with it.
      return [key, shape.at(-1)] as const
    })
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { list, keys }
}

function pushItem(
  list: unknown[],
  { id, length, deleted, content }: AnyStruct,
  what: ShapeOptions,
): void {
  for (let index = 0; index < length; index += 1) {
    const at = `${id.client}:${id.clock + index}`
    if (deleted) list.push(`${at} deleted`)
    else if (content?.type !== undefined) list.push([at, typeShape(content.type, what)])
    else
      list.push([
        at,
        content?.key ?? null,
        content?.value ?? content?.getContent?.()[index] ?? null,
      ])
  }
}
