import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkOptions } from './check-options.ts'

const here = fileURLToPath(import.meta.url)

test.each([0, 1, 8080, 65_535, undefined])('port %s is accepted', (port) => {
  expect(() => checkOptions({ ...(port === undefined ? {} : { port }) })).not.toThrow()
})

test.each([-1, 65_536, 99_999, 80.5, Number.NaN, Number.POSITIVE_INFINITY])(
  'port %s is refused with the range that is possible',
  (port) => {
    expect(() => checkOptions({ port })).toThrow(
      expect.objectContaining({
        code: 'CONFIG',
        message: expect.stringContaining('from 0 to 65535') as string,
      }),
    )
  },
)

test('a static folder that is absent, a file, or below a file is refused with its path', () => {
  for (const [folder, text] of [
    ['nowhere', /static: there is no folder \/.+\/nowhere/],
    [here, /static: .+check-options\.test\.ts is not a folder/],
    [`${here}/below`, /static: .+ cannot be read/],
  ] as const) {
    expect(() => checkOptions({ static: folder })).toThrow(text)
  }
  expect(() => checkOptions({ static: '.' })).not.toThrow()
})

test('onRequest is refused where the program answers requests itself', () => {
  expect(() => checkOptions({ onRequest: () => false, listen: false })).toThrow(/onRequest is for/)
  expect(() => checkOptions({ onRequest: () => false })).not.toThrow()
})
