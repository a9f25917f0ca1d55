import { expect, test } from 'vitest'
import { edgeNodeOptions } from './young-generation.ts'

test('an edge process starts with a bound on its young generation', () => {
  expect(edgeNodeOptions(undefined)).toEqual(['--max-semi-space-size=16'])
})

test('a bound that the user gave is not overruled', () => {
  expect(edgeNodeOptions('--enable-source-maps --max-semi-space-size=64')).toEqual([])
})
