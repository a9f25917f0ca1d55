import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const templates = fileURLToPath(new URL('../../templates/', import.meta.url))

/** Run by scripts, read by the compiler, or asked for by a package that is imported. */
const notImported = new Set([
  '@tiptap/extension-bubble-menu',
  '@tiptap/extension-floating-menu',
  '@types/react',
  '@types/react-dom',
  'concurrently',
  'typescript',
])

function importsOf(template: string): ReadonlySet<string> {
  const folder = join(templates, template)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) =>
      entry.isFile() && /\.tsx?$/.test(entry.name) && !/node_modules|dist/.test(entry.parentPath),
  )
  const names = files.flatMap(({ parentPath, name }) =>
    [
      ...readFileSync(join(parentPath, name), 'utf8').matchAll(
        /(?:from|import) '((?:@[^/']+\/)?[^/'.]+)(?:\/[^']*)?'/g,
      ),
    ].map(([, found = '']) => found),
  )
  return new Set(names.filter((name) => !name.startsWith('node:')))
}

test.each(readdirSync(templates))(
  '%s declares what it imports, and imports what it declares',
  (template) => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(templates, template, 'package.json'), 'utf8'),
    ) as Record<'dependencies' | 'devDependencies', Record<string, string>>
    const declared = Object.keys({ ...dependencies, ...devDependencies })
    const imported = importsOf(template)
    expect(imported.size).toBeGreaterThan(4)
    expect([...imported].filter((name) => !declared.includes(name))).toEqual([])
    expect(declared.filter((name) => !imported.has(name) && !notImported.has(name))).toEqual([])
  },
)
