import { expect, test } from 'vitest'
import type { Storage } from '../../storage/storage.ts'
import { coreLimits } from './channel-limits.ts'
import { IncreasingValues } from './increasing-values.ts'

/** What is stored, the newest first. */
async function loaded(stored: readonly (readonly [name: string, body: unknown])[] = []) {
  const values = stored.map(([name, body]) => ({ name, payload: JSON.stringify({ body }) }))
  const storage = { readLatest: async () => values } as unknown as Storage
  const highest = new IncreasingValues('offset')
  await highest.load(storage, 'chat:a')
  return highest
}

test('a value is kept only where it is higher than the one before, also one in storage', async () => {
  const highest = await loaded([['ada', { offset: 5 }]])
  expect(highest.raise('ada', { offset: 5 })).toBeUndefined()
  expect(highest.raise('ada', { offset: 4 })).toBeUndefined()
  expect(highest.raise('ada', { offset: 6 })).toBeDefined()
  expect(highest.raise('ada', { offset: 6 })).toBeUndefined()
  expect(highest.raise('bob', { offset: 1 })).toBeDefined()
})

test('a value that could not be kept does not count', async () => {
  const highest = await loaded([['ada', { offset: 5 }]])
  highest.raise('ada', { offset: 9 })?.()
  highest.raise('bob', { offset: 9 })?.()
  expect(highest.raise('ada', { offset: 5 })).toBeUndefined()
  expect(highest.raise('ada', { offset: 6 })).toBeDefined()
  expect(highest.raise('bob', { offset: 1 })).toBeDefined()
})

test('a value that could not be kept takes nothing back from a higher one after it', async () => {
  const highest = await loaded()
  const undo = highest.raise('ada', { offset: 3 })
  highest.raise('ada', { offset: 7 })
  undo?.()
  expect(highest.raise('ada', { offset: 7 })).toBeUndefined()
})

test('a stored value without a number is as good as none', async () => {
  const highest = await loaded([
    ['ada', { offset: 'far' }],
    ['bob', null],
  ])
  expect(highest.raise('ada', { offset: 1 })).toBeDefined()
  expect(highest.raise('bob', { offset: 1 })).toBeDefined()
})

test('beyond the bound, the name that changed longest ago is forgotten', async () => {
  const highest = await loaded([['ada', { offset: 5 }]])
  for (let no = 1; no < coreLimits.latestMax; no += 1) highest.raise(`user-${no}`, { offset: 1 })
  expect(highest.raise('ada', { offset: 4 })).toBeUndefined()
  highest.raise('one more', { offset: 1 })
  expect(highest.raise('ada', { offset: 4 })).toBeDefined()
})
