import { expect, test } from 'vitest'
import { configFromEnvironment, parseConfig, portFromPlatform } from './settings.ts'

test('the environment gives numbers, texts and lists', () => {
  expect(
    configFromEnvironment({
      RUSHER_PORT: '9000',
      RUSHER_STORAGE: 'memory:',
      RUSHER_ORIGINS: 'https://a.example, https://b.example',
      PATH: '/bin',
    }),
  ).toEqual({
    port: 9000,
    storage: 'memory:',
    origins: ['https://a.example', 'https://b.example'],
  })
})

test('a token secret switches from open to token auth', () => {
  const secret = 'x'.repeat(40)
  expect(configFromEnvironment({ RUSHER_TOKEN_SECRET: secret })).toEqual({ auth: { secret } })
})

test('PORT of the platform is a port, or is refused by name', () => {
  expect(portFromPlatform({ PORT: '3000' })).toBe(3000)
  expect(portFromPlatform({ PORT: '' })).toBeUndefined()
  expect(portFromPlatform({})).toBeUndefined()
  expect(() => portFromPlatform({ PORT: '99999' })).toThrow(/PORT must be from 0 to 65535/)
  expect(() => portFromPlatform({ PORT: 'abc' })).toThrow(/PORT must be a number/)
})

test.each([
  [{ RUSHER_PROT: '1' }, /there is no setting RUSHER_PROT/],
  [{ RUSHER_PORT: 'many' }, /RUSHER_PORT must be a number/],
  [{ RUSHER_PORT: '70000' }, /RUSHER_PORT must be from 0 to 65535/],
  [{ RUSHER_PORT: '80.5' }, /RUSHER_PORT must be from 0 to 65535/],
  [{ RUSHER_LOG_LEVEL: 'loud' }, /logLevel/],
])('%o is refused with a sentence', (environment, sentence) => {
  expect(() => configFromEnvironment(environment)).toThrow(sentence)
})

test.each([
  [{ prot: 1 }, /rusher.config.ts: there is no setting 'prot'/],
  [{ chat: { retention: { days: 3 } } }, /there is no setting 'chat.retention.days'/],
  [{ apps: [{ name: 'Counter' }] }, /apps/],
  [7, /rusher.config.ts/],
])('the file with %o is refused with a sentence', (value, sentence) => {
  expect(() => parseConfig(value, 'rusher.config.ts')).toThrow(sentence)
})

test('functions and objects of a file are kept as they are', () => {
  const config = { permit: () => true, auth: { identify: async () => undefined } }
  expect(parseConfig(config, 'rusher.config.ts')).toBe(config)
})

test('documents that keep deleted content are all, or those that a function names', () => {
  for (const keepDeleted of [true, (name: string) => name === 'minutes']) {
    expect(parseConfig({ documents: { keepDeleted } }, 'a file')).toEqual({
      documents: { keepDeleted },
    })
  }
})

test('a content security policy is one line, or none', () => {
  for (const contentSecurityPolicy of ["default-src 'self'", false]) {
    expect(parseConfig({ contentSecurityPolicy }, 'a test')).toEqual({ contentSecurityPolicy })
  }
  for (const contentSecurityPolicy of ['a\nb: c', true, '']) {
    expect(() => parseConfig({ contentSecurityPolicy }, 'a test')).toThrow(/contentSecurityPolicy/)
  }
})

test('documents have a path, threads, a schema and a hook, and nothing else', () => {
  const documents = { path: '/pages', threads: 2, onStateless: () => undefined }
  expect(parseConfig({ documents }, 'a test')).toEqual({ documents })
  const schema = { nodes: { callout: { tone: { oneOf: ['calm'] }, size: 'number' } } }
  for (const given of ['known', 'off', schema]) {
    expect(parseConfig({ documents: { schema: given } }, 'a test')).toEqual({
      documents: { schema: given },
    })
  }
  for (const given of ['strict', { nodes: { callout: { tone: 'word' } } }, { node: {} }]) {
    expect(() => parseConfig({ documents: { schema: given } }, 'a test')).toThrow(/documents/)
  }
  expect(() => parseConfig({ documents: { path: 'pages' } }, 'a test')).toThrow(/documents/)
  expect(() => parseConfig({ documents: { thread: 2 } }, 'a test')).toThrow(/documents/)
})
