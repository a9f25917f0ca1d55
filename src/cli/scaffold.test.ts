import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { packageManagerInUse } from './run-init.ts'
import { listTemplates, nearest, packageNameOf, planScaffold, readTemplate } from './scaffold.ts'

const templatesDir = fileURLToPath(new URL('../../templates', import.meta.url))
const names = { name: 'my-app', rusher: '^9.9.9' }

test.each(listTemplates(templatesDir))(
  'the template %s is copied as it is, but for its name',
  (template) => {
    const files = readTemplate(`${templatesDir}/${template}`)
    const writes = planScaffold(files, names)
    const copied = new Map(writes.map(({ path, content }) => [path, content.toString()]))
    expect(copied.size).toBe(files.length)
    for (const { path, content } of files) {
      if (path === 'package.json') continue
      expect(copied.get(path === '_gitignore' ? '.gitignore' : path)).toBe(content.toString())
    }
    expect(copied.has('.gitignore')).toBe(true)
    const named = JSON.parse(copied.get('package.json') ?? '') as Record<string, unknown>
    const original = JSON.parse(
      readFileSync(`${templatesDir}/${template}/package.json`, 'utf8'),
    ) as {
      dependencies: Record<string, string>
    }
    expect(named).toEqual({
      ...original,
      name: 'my-app',
      dependencies: { ...original.dependencies, rusher: '^9.9.9' },
    })
  },
)

test('what a template has only while it is worked on is not copied', () => {
  const paths = readTemplate(`${templatesDir}/chat`).map(({ path }) => path)
  expect(paths.filter((path) => /(^|\/)(node_modules|dist|data)\//.test(path))).toEqual([])
})

test.each([
  ['/tmp/My App', 'my-app'],
  ['chat', 'chat'],
  ['/x/.hidden', 'hidden'],
  ['/x/Ünï', 'n'],
  ['/x/☃', 'rusher-app'],
])('the folder %s gives the package name %s', (directory, name) => {
  expect(packageNameOf(directory)).toBe(name)
})

test('a misspelt template finds its nearest, a wild one none', () => {
  expect(nearest('caht', ['chat', 'workspace'])).toBe('chat')
  expect(nearest('zzzzzzzzzz', ['chat'])).toBeUndefined()
})

test.each([
  ['pnpm/10.2.0 npm/? node/v24', 'pnpm'],
  ['yarn/4.0.0', 'yarn'],
  ['npm/11.1.0 node/v24', 'npm'],
  [undefined, 'npm'],
])('the package manager of %s is %s', (userAgent, name) => {
  expect(packageManagerInUse(userAgent)).toBe(name)
})
