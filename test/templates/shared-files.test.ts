import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const templates = fileURLToPath(new URL('../../templates/', import.meta.url))

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(templates, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/node_modules|dist|data/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(templates, folder, '/').length))
}

const read = (template: string, path: string) =>
  readFileSync(join(templates, template, path), 'utf8')

/** Files of the chat that may differ in both templates with pages. */
const chatOwn = [
  'README.md',
  'index.html',
  'package.json',
  'rusher.config.ts',
  'src/App.tsx',
  'src/Crash.tsx',
  'src/Icon.tsx',
  'src/Welcome.tsx',
  'src/people.ts',
  'src/session.ts',
  'src/sidebar/Sidebar.css',
  'src/sidebar/Sidebar.tsx',
  'src/sidebar/ThemeToggle.tsx',
  'vite.config.ts',
]

/** Files of the pages that may differ where the chat is tied in. */
const pagesOwn = [
  'README.md',
  'index.html',
  'package.json',
  'rusher.config.ts',
  'src/Layout.css',
  'src/Layout.tsx',
  'src/Welcome.tsx',
  'src/session.ts',
]

const differing: readonly [one: string, other: string, paths: readonly string[]][] = [
  ['editor', 'workspace', pagesOwn],
  ['chat', 'workspace', chatOwn],
  ['chat', 'editor', chatOwn],
]

/** Every template is a whole project, so what two of them have in common stands in both. */
test.each(differing)(
  '%s and %s are the same in every file of the same name, but for a few',
  (one, other, paths) => {
    const there = new Set(filesIn(other))
    const common = filesIn(one).filter((path) => there.has(path))
    expect(common.length).toBeGreaterThan(20)
    expect(common.filter((path) => read(one, path) !== read(other, path)).sort()).toEqual(paths)
  },
)

test('the workspace has every file of the pages', () => {
  const workspace = new Set(filesIn('workspace'))
  const pages = filesIn('editor').filter((path) => path.startsWith('src/page/'))
  expect(pages.length).toBeGreaterThan(20)
  expect(pages.filter((path) => !workspace.has(path))).toEqual([])
})
