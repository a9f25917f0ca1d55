import { expect, test } from 'vitest'
import { describeLoadError } from './load-error.ts'

const path = '/app/rusher.config.ts'

function thrown(message: string, stack: string): Error {
  return Object.assign(new Error(message), { stack })
}

test('an error of the compiler is told with its own place', async () => {
  const error = new Error(`Transform failed with 1 error:\n${path}:3:9: ERROR: Unexpected ","`)
  expect(await describeLoadError(error, path)).toBe(
    `${path}:3:10 could not be loaded: Unexpected ","`,
  )
})

test('an error is told with the first line of the user’s own code', async () => {
  const stack = `Error: no\n    at load (node:internal/x:1:1)\n    at f (/app/node_modules/y/index.js:2:2)\n    at file:///app/rusher.config.ts?namespace=1:7:3`
  expect(await describeLoadError(thrown('no', stack), path)).toBe(
    `${path}:7:3 could not be loaded: no`,
  )
})

test('a fault in another file is told after the configuration that imports it', async () => {
  const stack = 'Error: no\n    at Object.<anonymous> (/app/my helper.ts:2:7)'
  expect(await describeLoadError(thrown('no', stack), path)).toBe(
    `${path} could not be loaded: /app/my helper.ts:2:7: no`,
  )
})

test.each([
  ['first line\nsecond line', 'first line'],
  ['', 'it threw an error without a message'],
  [undefined, 'undefined'],
  [{ reason: 'x' }, '[object Object]'],
])('%j without a place is told in one line', async (error, text) => {
  expect(await describeLoadError(error, path)).toBe(`${path} could not be loaded: ${text}`)
})
