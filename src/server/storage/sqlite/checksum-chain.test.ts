import { expect, test } from 'vitest'
import { chainOf, chainStart, sumOf, sumOfChannel, sumOfLatest } from './checksum-chain.ts'

const link = { offset: 1, sum: 7, key: Buffer.from('k'), keySum: 9 }

test('the checksum of a payload is its CRC-32', () => {
  expect(sumOf(Buffer.from('123456789'))).toBe(0xcbf43926)
})

test('each part of a row changes the chain, but the payload only by its checksum', () => {
  const chain = chainOf(chainStart, link)
  const others = [
    chainOf(1, link),
    chainOf(chainStart, { ...link, offset: 2 }),
    chainOf(chainStart, { ...link, sum: 8 }),
    chainOf(chainStart, { ...link, key: Buffer.from('l') }),
    chainOf(chainStart, { ...link, key: Buffer.alloc(0) }),
    chainOf(chainStart, { ...link, key: null }),
    chainOf(chainStart, { ...link, keySum: 10 }),
    chainOf(chainStart, { ...link, keySum: null }),
  ]
  expect(new Set([chain, ...others]).size).toBe(others.length + 1)
})

test('two rows that changed places change the chain', () => {
  const [a, b] = [
    { ...link, offset: 1 },
    { ...link, offset: 2, sum: 8 },
  ]
  expect(chainOf(chainOf(0, a), b)).not.toBe(chainOf(chainOf(0, b), a))
})

test('what a damaged row holds in place of bytes or numbers matches no checksum, and does not throw', () => {
  const damaged = 5 as unknown as Buffer
  expect(sumOf(damaged)).toBe(-1)
  expect(chainOf(2 ** 60, { ...link, key: damaged })).not.toBe(chainOf(2 ** 60, link))
  expect(sumOfLatest({ channelId: 1, name: damaged, updatedNo: 1, payload: Buffer.of() })).toBe(-1)
  const row = { name: damaged, begin: 1, head: -(2 ** 60), chain: 2 ** 50, baseChain: 0 }
  expect(sumOfChannel(row)).toBe(-1)
})
