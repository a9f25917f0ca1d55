import { expect, test } from 'vitest'
import { resolveSources } from './resolve-sources.ts'

const interfaces = { lo: ['127.0.0.1'], eth0: ['10.0.0.5', '10.0.0.6'] }

test('an interface is its addresses, each of them once', () => {
  expect(resolveSources(['10.0.0.6', 'eth0'], { interfaces })).toEqual(['10.0.0.6', '10.0.0.5'])
  expect(resolveSources(['127.0.0.9'], { interfaces })).toEqual(['127.0.0.9'])
  expect(resolveSources([], {})).toEqual([])
})

test('an address that the host does not have is refused with those that it has', () => {
  for (const source of ['10.0.0.7', 'eth1', '__proto__'])
    expect(resolveSources([source], { interfaces })).toEqual({
      refused: `src=${source} is not there; it has lo 127.0.0.1, eth0 10.0.0.5 10.0.0.6`,
    })
})
