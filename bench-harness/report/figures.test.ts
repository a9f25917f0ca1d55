import { expect, test } from 'vitest'
import { bytesText, countText, msText, rateText, shareText } from './figures.ts'

test('counts have thousands separators', () => {
  expect(countText(1_234_567)).toBe('1,234,567')
})

test('times have three digits at most, and their unit', () => {
  const times = [0.4, 0.9996, 8.14, 99.96, 917, 999.6, 12_400, 99_960]
  expect(times.map(msText)).toEqual([
    '0.4 ms',
    '1 ms',
    '8.14 ms',
    '100 ms',
    '917 ms',
    '1 s',
    '12.4 s',
    '100 s',
  ])
})

test('sizes are in powers of 1,024, and rates have three digits where they are small', () => {
  expect([0, 812, 9_424, 357_564_416, -2_048].map(bytesText)).toEqual([
    '0 B',
    '812 B',
    '9.2 KiB',
    '341 MiB',
    '-2 KiB',
  ])
  expect([0.1234, 12_345].map(rateText)).toEqual(['0.123/s', '12,345/s'])
})

test('a share that is not the whole is never shown as 100 %', () => {
  expect([0.84623, 0.5, 0, 1].map(shareText)).toEqual(['84.6 %', '50 %', '0 %', '100 %'])
  expect(shareText(269_999 / 270_000)).toBe('99.99 %')
  expect(shareText(49_978 / 50_000)).toBe('99.95 %')
})
