/** A heap snapshot as V8 writes it: nodes are rows of numbers, one after another, whose columns `meta` names. */
export interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[]
      readonly node_types: readonly (string | readonly string[])[]
    }
  }
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

/** Bytes of a heap by sort: objects by their constructor, everything else by V8's own word for it. */
export function bytesBySort(heap: HeapSnapshot): ReadonlyMap<string, number> {
  const { nodes, strings } = heap
  const { node_fields: fields, node_types: types } = heap.snapshot.meta
  const [typeAt, nameAt, sizeAt] = ['type', 'name', 'self_size'].map((field) =>
    fields.indexOf(field),
  )
  const words = types[typeAt ?? 0]
  const sums = new Map<string, number>()
  for (let row = 0; row < nodes.length; row += fields.length) {
    const word = words?.[nodes[row + (typeAt ?? 0)] ?? 0] ?? 'unknown'
    const name = strings[nodes[row + (nameAt ?? 0)] ?? 0] ?? ''
    // Other sorts have the contents of a string, or a function's name, for a name: too many to be read.
    const named =
      word === 'object' || word === 'native' || word === 'closure' || word === 'object shape'
    const sort = word === 'object' ? name : named ? `(${word}) ${name}` : `(${word})`
    sums.set(sort, (sums.get(sort) ?? 0) + (nodes[row + (sizeAt ?? 0)] ?? 0))
  }
  return sums
}
