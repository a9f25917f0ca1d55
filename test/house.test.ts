import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { version } from '../src/server/version.ts'
import { circlesOf, filesBelow, readFacts } from './parts/source-facts.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const sources = ['src', 'bench-harness', 'templates', 'examples', 'scripts']
  .flatMap((folder) => filesBelow(root, folder))
  .filter((path) => /\.tsx?$/.test(path))

test('no source file is longer than 400 lines', () => {
  const long = sources
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => ({ path, lines: read(path).split('\n').length }))
    .filter(({ lines }) => lines > 401)
  expect(long).toEqual([])
})

const facts = sources
  .filter((path) => !/\.test\.tsx?$/.test(path))
  .map((path) => readFacts(root, path))

test('no source files import each other in a circle, for their types neither', () => {
  const graph = new Map(facts.map(({ path, imports }) => [path, new Set(imports)]))
  expect(circlesOf(graph)).toEqual([])
})

/** The folders of the server from the lowest to the highest. A folder imports lower ones only. */
const layers = [
  'log',
  'metrics',
  'runtime',
  'runtime/testing',
  'auth',
  'transport',
  'dialects/yjs',
  'storage',
  'storage/memory',
  'storage/sqlite',
  'storage/verify',
  'storage/backup',
  'apps',
  'apps/chat',
  'apps/plain',
  'core/log',
  'core/yjs/convert',
  'core/yjs/convert/markdown',
  'core/yjs',
  'link',
  'core/channels',
  'core/documents',
  'core',
  'edge/connection',
  'edge/documents',
  'edge/channels',
  'admission',
  'http',
  'http/static',
  'http/documents',
  'processes',
  // The composition root: the files beside the folders.
  '',
]

test('a folder of the server imports only folders below it', () => {
  const upward = facts.flatMap(({ path, imports }) =>
    imports.filter((to) => layerOf(to) > layerOf(path)).map((to) => `${path} imports ${to}`),
  )
  expect(upward).toEqual([])
})

/** The place of a file's folder in `layers`; that of the root for files outside of the server. */
function layerOf(path: string): number {
  const folder = relative('src/server', dirname(path))
  if (folder.startsWith('..')) return path.startsWith('src/protocol/') ? -1 : layers.length
  const layer = layers.indexOf(folder)
  if (layer < 0) throw new Error(`src/server/${folder} has no place among the layers`)
  return layer
}

/** Packages that a module loads, with all that it imports. Types are not loaded. */
function packagesOf(entry: string): readonly string[] {
  const packages = new Set<string>()
  const seen = new Set<string>()
  const waiting = [join(root, entry)]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    const loads = /^(?:im|ex)port (?!type )(?:[\w*{][^'=()]*from )?'([^']+)'/gm
    for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(loads)) {
      if (name.startsWith('.')) waiting.push(join(path, '..', name))
      else if (!name.startsWith('node:')) packages.add(name)
    }
  }
  return [...packages].toSorted()
}

test('the main thread and the edges load no Yjs, which only the threads of documents need', () => {
  const serving = ['better-sqlite3', 'lib0/decoding', 'lib0/encoding', 'pino', 'prom-client', 'ws']
  expect(packagesOf('src/server/index.ts')).toEqual(serving)
  expect(packagesOf('src/server/run-edge-process.ts')).not.toContain('yjs')
})

test('no test is left out by a word in its file', () => {
  const words = /\b(?:it|test|describe)\.(?:only|skip|todo)\(/
  const found = [...filesBelow(root, 'test'), ...sources].filter(
    (path) => path.endsWith('.test.ts') && words.test(read(path)),
  )
  expect(found).toEqual([])
})

test('every folder of the server has its place in ARCHITECTURE.md', () => {
  const text = read('ARCHITECTURE.md')
  const folders = readdirSync(join(root, 'src/server')).filter((name) =>
    statSync(join(root, 'src/server', name)).isDirectory(),
  )
  expect(folders.filter((name) => !text.includes(`${name}/`))).toEqual([])
})

test('every file that ARCHITECTURE.md names is there', () => {
  const names = new Set([...sources.map((path) => path.split('/').at(-1)), 'rusher.js'])
  const named = [...read('ARCHITECTURE.md').matchAll(/[\w-]+\.(?:ts|js)\b/g)].map(([name]) => name)
  expect(named.filter((name) => !names.has(name) && name !== 'Node.js')).toEqual([])
})

test('the version is one: in package.json, in the code and at the top of the changelog', () => {
  const { version: packed } = JSON.parse(read('package.json')) as { version: string }
  expect(version).toBe(packed)
  expect(/^## (.+)$/m.exec(read('CHANGELOG.md'))?.[1]).toBe(packed)
})
