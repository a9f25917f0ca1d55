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

/** Every template is a whole project, so what two of them have in common stands in both. It must stay the same. */
test('the workspace has the pages of the editor, but for what ties in the chat', () => {
  const own = [
    'README.md',
    'index.html',
    'package.json',
    'rusher.config.ts',
    'src/Welcome.tsx',
    'src/Workplace.css',
    'src/Workplace.tsx',
    'src/session.ts',
    'src/use-page-name.ts',
  ]
  const differing = filesIn('editor').filter(
    (path) => read('editor', path) !== read('workspace', path),
  )
  expect(differing.sort()).toEqual(own)
})

test('the workspace has the messages of the chat as they are', () => {
  const room = filesIn('workspace').filter((path) => path.startsWith('src/room/'))
  expect(room.length).toBeGreaterThan(10)
  expect(room.filter((path) => read('chat', path) !== read('workspace', path))).toEqual([])
})
