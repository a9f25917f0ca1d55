import { expect, test } from 'vitest'
import { parseStorage } from './storage-location.ts'

test.each([
  ['sqlite:./data/x.db', './data/x.db'],
  ['sqlite:x.db', 'x.db'],
  ['sqlite:/var/lib/x.db', '/var/lib/x.db'],
  ['sqlite:///var/lib/x.db', '/var/lib/x.db'],
  ['./data/x.db', './data/x.db'],
  ['/var/lib/x.db', '/var/lib/x.db'],
  ['x.db', 'x.db'],
  ['./memory', './memory'],
  ['C:\\data\\x.db', 'C:\\data\\x.db'],
  ['data/chat-2026-11-30T10:00.db', 'data/chat-2026-11-30T10:00.db'],
])('%s is a SQLite file', (text, path) => {
  expect(parseStorage(text)).toEqual({ kind: 'sqlite', path })
})

test('memory: keeps nothing on disk', () => {
  expect(parseStorage('memory:')).toEqual({ kind: 'memory' })
})

test.each([
  ['mongo:x', /sqlite:<file>, a path, or memory:/],
  ['postgres://localhost/x', /can be/],
  ['memory', /'memory:'/],
  [':memory:', /'memory:'/],
  ['sqlite::memory:', /'memory:'/],
  ['sqlite:', /no file/],
  ['sqlite', /write/],
  ['', /no file/],
  [' ', /no file/],
  ['sqlite://data/x.db', /write 'sqlite:data\/x.db'/],
])('%j is refused with what is possible', (text, message) => {
  expect(() => parseStorage(text)).toThrow(
    expect.objectContaining({
      code: 'CONFIG',
      message: expect.stringMatching(message) as string,
    }),
  )
})
