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
