import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const folder = new URL('docs/decisions/', root)
const files = readdirSync(folder).sort()

test('decisions are numbered without a hole', () => {
  expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, index) => index + 1))
})

test.each(files)('%s says its context, its choice, its price and what would change it', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  expect(text).toMatch(new RegExp(`^# ${Number(file.slice(0, 4))}\\. `))
  for (const part of ['Context.', 'Choice.', 'Price.', 'What would change our mind.']) {
    expect(text).toContain(`**${part}**`)
  }
})

test('every dependency has its line, and every line its dependency', () => {
  const text = readFileSync(new URL('0007-dependencies.md', folder), 'utf8')
  const told = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
    readFileSync(new URL('package.json', root), 'utf8'),
  ) as Record<string, Record<string, string>>
  const all = { ...dependencies, ...optionalDependencies, ...devDependencies }
  expect(told.toSorted()).toEqual(Object.keys(all).sort())
})
