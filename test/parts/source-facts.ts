import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseSync } from 'vite'

/** A function, with the lines from its first to its last. */
export interface FunctionFact {
  readonly name: string
  readonly lines: number
}

/** What the rules of the house need to know of one source file. Paths are relative to the root. */
export interface SourceFacts {
  readonly path: string
  readonly lines: readonly string[]
  readonly functions: readonly FunctionFact[]
  /** Files that it imports or exports from, also for their types only. */
  readonly imports: readonly string[]
  /** Exported names that are declared here without a docstring. */
  readonly undocumented: readonly string[]
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

const functionTypes = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
])

/** The files below folders of the root; `dist`, `data` and `node_modules` are left out. */
export function filesBelow(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name)
    if (['node_modules', 'dist', 'data'].includes(name)) return []
    return statSync(join(root, path)).isDirectory() ? filesBelow(root, path) : [path]
  })
}

/** Parses a TypeScript file and collects its facts. */
export function readFacts(root: string, path: string): SourceFacts {
  const text = readFileSync(join(root, path), 'utf8')
  const { program, comments } = parseSync(path, text)
  const functions: FunctionFact[] = []
  visit(program as unknown as Node, undefined, (node, parent) => {
    if (!functionTypes.has(node.type)) return
    const lines = text.slice(node.start, node.end).split('\n').length
    functions.push({ name: nameOf(node, parent), lines })
  })
  const body = program.body as unknown as readonly Node[]
  const docs = comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*'))
  const isDocumented = (node: Node): boolean =>
    docs.some(({ end }) => end <= node.start && text.slice(end, node.start).trim() === '')
  return {
    path,
    lines: text.split('\n'),
    functions,
    imports: body
      .map(({ source }) => (source as { readonly value?: unknown } | null | undefined)?.value)
      .filter((value): value is string => typeof value === 'string' && value.startsWith('.'))
      .map((value) => relative(root, resolve(root, dirname(path), value))),
    undocumented: body
      .filter((node) => node.type === 'ExportNamedDeclaration' && !isDocumented(node))
      .flatMap(({ declaration }) => declaredNames(declaration as Node | null)),
  }
}

/** Calls `look` with each node below one, and with the node that it is a part of. */
function visit(
  node: Node,
  parent: Node | undefined,
  look: (node: Node, parent: Node | undefined) => void,
): void {
  look(node, parent)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (isNode(child)) visit(child, node, look)
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

/** The name under which a function is declared, assigned or passed; `(anonymous)` without one. */
function nameOf(node: Node, parent: Node | undefined): string {
  const named = [node['id'], parent?.['id'], parent?.['key']].find(isNode)
  return typeof named?.['name'] === 'string' ? named['name'] : '(anonymous)'
}

function declaredNames(declaration: Node | null): readonly string[] {
  if (declaration === null) return []
  const { id, declarations = [] } = declaration
  const nodes = [id, ...(declarations as readonly Node[]).map((one) => one['id'])].filter(isNode)
  return nodes.map(({ name }) => String(name))
}

/** The circles in a graph, each as the names in it (Tarjan's strongly connected components). */
export function circlesOf(
  graph: ReadonlyMap<string, ReadonlySet<string>>,
): readonly (readonly string[])[] {
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const circles: (readonly string[])[] = []
  function go(name: string): void {
    const index = order.size
    order.set(name, index)
    low.set(name, index)
    stack.push(name)
    for (const next of graph.get(name) ?? []) {
      if (!order.has(next)) go(next)
      if (stack.includes(next)) low.set(name, Math.min(low.get(name) ?? 0, low.get(next) ?? 0))
    }
    if (low.get(name) !== index) return
    const circle = stack.splice(stack.indexOf(name))
    if (circle.length > 1) circles.push(circle)
  }
  for (const name of graph.keys()) if (!order.has(name)) go(name)
  return circles
}
