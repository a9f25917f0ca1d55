import { describe, expect, test } from 'vitest'
import { createHostPolicy, ownNames } from './host-names.ts'

const open = { names: ownNames({ host: '127.0.0.1', machine: 'box' }), allowed: [] }

describe('a server that checks Host', () => {
  test.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST:8080',
    'localhost.',
    'app.localhost:3000',
    '127.0.0.1:8080',
    '127.8.8.8',
    '[::1]:8080',
    '[::1]',
    '192.168.1.20:8080',
    '[fe80::1]:8080',
  ])('answers to %s', (host) => {
    expect(createHostPolicy(open).allows(host)).toBe(true)
  })

  test.each([
    'rebind.evil.example:8080',
    'evil.example',
    'localhost.evil.example',
    'evil-localhost',
    'xlocalhost:8080',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    'evil.example/localhost',
    '1.2.3.4.5',
    '0x7f.0.0.1',
    '[::1',
    '[::1]evil.example',
    'box',
    'localhost:8080:9090',
    'localhost:port',
    ' ',
    '',
  ])('does not answer to %j', (host) => {
    expect(createHostPolicy(open).allows(host)).toBe(false)
  })

  test('answers a request without Host: no browser sends one', () => {
    expect(createHostPolicy(open).allows(undefined)).toBe(true)
  })
})

describe('names that are allowed', () => {
  const policy = createHostPolicy({
    names: [],
    allowed: ['App.Example.com', '.previews.example', '*.boxes.example', 'ported.example:8443'],
  })

  test.each([
    'app.example.com',
    'app.example.com:8443',
    'APP.example.com.',
    'previews.example',
    'pr-7.previews.example',
    'a.b.previews.example',
    'one.boxes.example',
    'ported.example',
  ])('%s is answered', (host) => {
    expect(policy.allows(host)).toBe(true)
  })

  test.each(['example.com', 'x.app.example.com', 'evilpreviews.example', 'boxes.example'])(
    '%s is not',
    (host) => {
      expect(policy.allows(host)).toBe(false)
    },
  )

  test('* lets every name in', () => {
    expect(createHostPolicy({ names: [], allowed: ['*'] }).allows('evil.example')).toBe(true)
  })

  test.each([
    ['https://app.example.com', 'app.example.com'],
    ['app.example.com/chat', 'app.example.com'],
    ['a.example,b.example', 'one name'],
    ['a b', 'is not a host name'],
    ['app.*.example', 'is not a host name'],
    ['', 'is empty'],
  ])('%j is refused at the start, and the error says what to write', (name, text) => {
    expect(() => createHostPolicy({ names: [], allowed: [name] })).toThrow(
      expect.objectContaining({ code: 'CONFIG', message: expect.stringContaining(text) as string }),
    )
  })
})

describe('the server’s own names', () => {
  test('are the machine’s too where it listens beyond loopback', () => {
    expect(ownNames({ host: '127.0.0.1', machine: 'Box' })).toEqual([])
    expect(ownNames({ host: '0.0.0.0', machine: 'Box' })).toEqual(['box', 'box.local'])
    expect(ownNames({ host: '::', machine: 'box.lan' })).toEqual(['box.lan'])
  })

  test('are the name that it was told to listen on', () => {
    expect(ownNames({ host: 'app.internal', machine: 'box' })).toContain('app.internal')
    expect(ownNames({ host: 'localhost', machine: 'box' })).toEqual([])
  })
})
