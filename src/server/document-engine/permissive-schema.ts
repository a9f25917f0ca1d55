import { type AttributeSpec, type MarkSpec, type NodeSpec, Schema } from 'prosemirror-model'
import type { Json } from '../../protocol/index.ts'
import type { ProseMirrorNode } from './prosemirror-json.ts'

/**
 * A schema in which this document is allowed, and little is not: y-prosemirror writes nodes of a schema, and only the editor has the
 * real one. Every name that occurs is a node or a mark, with the attributes that occur.
 */
export function schemaFor(document: ProseMirrorNode): Schema {
  const nodes = new Map<string, Set<string>>([[document.type, new Set()]])
  const marks = new Map<string, Set<string>>()
  collect(document, nodes, marks)
  nodes.delete('text')
  const nodeSpecs: Record<string, NodeSpec> = { text: { group: 'any', inline: true } }
  for (const [name, attrs] of nodes) {
    // All of one kind, since a content may not mix kinds.
    const kind = name === document.type ? {} : { group: 'any', inline: true }
    nodeSpecs[name] = { ...kind, content: 'any*', attrs: attributes(attrs) }
  }
  const markSpecs: Record<string, MarkSpec> = {}
  for (const [name, attrs] of marks) markSpecs[name] = { attrs: attributes(attrs) }
  return new Schema({ topNode: document.type, nodes: nodeSpecs, marks: markSpecs })
}

function attributes(names: ReadonlySet<string>): Record<string, AttributeSpec> {
  return Object.fromEntries([...names].map((name) => [name, { default: null }]))
}

function collect(
  node: ProseMirrorNode,
  nodes: Map<string, Set<string>>,
  marks: Map<string, Set<string>>,
): void {
  note(nodes, node)
  // What was parsed has lists of nodes and marks here, or nothing.
  for (const mark of (node['marks'] ?? []) as readonly ProseMirrorNode[]) note(marks, mark)
  for (const child of (node['content'] ?? []) as readonly ProseMirrorNode[]) {
    collect(child, nodes, marks)
  }
}

function note(names: Map<string, Set<string>>, { type, attrs }: ProseMirrorNode): void {
  const known = names.get(type) ?? new Set<string>()
  for (const name of Object.keys((attrs ?? {}) as Record<string, Json>)) known.add(name)
  names.set(type, known)
}
