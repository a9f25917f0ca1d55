import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { durableStorageContract, storageContract } from '../../src/testing/storage-contract.ts'

test('docs/storage.md has each rule of the suite with its sentence, and no other', () => {
  const docs = readFileSync(new URL('../../docs/storage.md', import.meta.url), 'utf8')
  const listed = [...docs.matchAll(/^- \*\*(ST\d+)\*\* (.+)$/gm)].map(([, id, says]) => [id, says])
  const rules = [...storageContract, ...durableStorageContract]
  expect(listed).toEqual(rules.map(({ id, says }) => [id, says]))
  // A number stays with its rule for ever, so those of the two suites go on in turns.
  const numbers = rules.map(({ id }) => Number(id.slice(2)))
  expect(numbers.sort((a, b) => a - b)).toEqual(rules.map((_, index) => index + 1))
})
