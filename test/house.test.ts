import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { version } from '../src/server/version.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`
    if (['node_modules', 'dist', 'data'].includes(name)) return []
    return statSync(join(root, path)).isDirectory() ? filesIn(path) : [path]
  })
}

const sources = ['src', 'bench-harness', 'templates', 'examples', 'scripts']
  .flatMap(filesIn)
  .filter((path) => /\.tsx?$/.test(path))

test('no source file is longer than 400 lines', () => {
  const long = sources
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => ({ path, lines: read(path).split('\n').length }))
    .filter(({ lines }) => lines > 401)
  expect(long).toEqual([])
})

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
  const found = [...filesIn('test'), ...sources].filter(
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
