import { expect, test } from 'vitest'
import { negotiateEncoding } from './accept-encoding.ts'

test.each([
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip, deflate', 'gzip'],
  ['x-gzip', 'gzip'],
  ['BR', 'br'],
  ['br;q=0.5, gzip;q=0.8', 'gzip'],
  ['br; q=1.0, gzip; q=0.5', 'br'],
  ['br;q=0, gzip', 'gzip'],
  ['*', 'br'],
  ['br;q=0, *', 'gzip'],
  ['gzip;q=0.5, identity;q=0.2', 'gzip'],
])('Accept-Encoding %j is answered with %s', (header, encoding) => {
  expect(negotiateEncoding(header)).toBe(encoding)
})

test.each([
  undefined,
  '',
  'deflate, zstd',
  'identity',
  'br;q=0',
  '*;q=0',
  'br;q=0.0, gzip;q=0.000',
  'gzip;q=0.5, identity;q=0.9',
  'br;q=x',
  'abridged',
  ',,,',
])('Accept-Encoding %j is answered with the file as it is', (header) => {
  expect(negotiateEncoding(header)).toBeUndefined()
})
