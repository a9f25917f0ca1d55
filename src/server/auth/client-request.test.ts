import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { cookiesMax, IncomingClientRequest, parseCookies } from './client-request.ts'

test.each([
  ['none', undefined, {}],
  ['an empty header', '', {}],
  ['one', 'sid=abc', { sid: 'abc' }],
  ['several, with and without spaces', 'a=1; b=2;c=3', { a: '1', b: '2', c: '3' }],
  ['a value with equals signs', 'jwt=aGk=; b=x=y', { jwt: 'aGk=', b: 'x=y' }],
  ['an empty value', 'a=; b=2', { a: '', b: '2' }],
  ['quotes', 'a="1 2"', { a: '1 2' }],
  ['percent-encoding', 'a=%C3%A9%3B', { a: 'é;' }],
  ['a percent sign that starts nothing', 'a=100%', { a: '100%' }],
  ['pairs that are none', 'a; =b; ;c=1', { c: '1' }],
  ['the first of two with one name', 'a=specific; a=general', { a: 'specific' }],
])('cookies: %s', (_what, header, expected) => {
  expect({ ...parseCookies(header) }).toEqual(expected)
})

test('a cookie named like a property of objects is only a cookie', () => {
  const cookies = parseCookies('__proto__=x; constructor=y')
  expect(Object.entries(cookies)).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ])
  expect(parseCookies('a=1')['toString']).toBeUndefined()
})

test('no more cookies are read than the limit', () => {
  const header = Array.from({ length: 2 * cookiesMax }, (_, index) => `c${index}=1`).join('; ')
  expect(Object.keys(parseCookies(header))).toHaveLength(cookiesMax)
})

test('a request has its headers, cookies, path, query and address', () => {
  const request = new IncomingClientRequest({
    headers: { host: 'app.example', cookie: 'sid=abc', 'x-api-key': 'k' },
    url: '/rusher?team=blue&team=red',
    socket: { remoteAddress: '10.0.0.7' },
  })
  expect(request.headers['x-api-key']).toBe('k')
  expect(request.cookies['sid']).toBe('abc')
  expect(request.path).toBe('/rusher')
  expect(request.query.getAll('team')).toEqual(['blue', 'red'])
  expect(request.address).toBe('10.0.0.7')
  expect(request.cookies).toBe(request.cookies)
})

test('logging a request reveals nothing of it', () => {
  const request = new IncomingClientRequest({
    headers: { cookie: 'sid=hush', authorization: 'Bearer hush' },
    url: '/rusher?token=hush',
  })
  expect(request.cookies['sid']).toBe('hush')
  expect(request.query.get('token')).toBe('hush')
  expect(JSON.stringify({ request }) + inspect(request, { depth: 9 })).not.toContain('hush')
})
