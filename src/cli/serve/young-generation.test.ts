import { expect, test } from 'vitest'
import { edgeNodeOptions } from './young-generation.ts'

test('an edge process starts with a bound on its young generation, and an old one that grows in small steps', () => {
  expect(edgeNodeOptions(undefined, { semiSpaceMb: 16 })).toEqual([
    '--max-semi-space-size=16',
    '--heap-growing-percent=15',
  ])
})

test('a bound that the user gave is not overruled', () => {
  const given = '--enable-source-maps --max-semi-space-size=64'
  expect(edgeNodeOptions(given, { semiSpaceMb: 16 })).toEqual(['--heap-growing-percent=15'])
})

test('what the user gave the core as a heap is not what each edge may have', () => {
  const heap = { semiSpaceMb: 4, oldSpaceMb: 384 }
  expect(edgeNodeOptions('--max-old-space-size=6000', heap)).toEqual([
    '--max-semi-space-size=4',
    '--heap-growing-percent=15',
    '--max-old-space-size=384',
  ])
})
