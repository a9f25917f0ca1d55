import { describe, expect, test } from 'vitest'
import { createOriginPolicy } from './origins.ts'

const host = 'rusher.example:8080'

function allows(listed: readonly string[], origin: string | undefined, at = host): boolean {
  return createOriginPolicy(listed).allows({ origin, host: at })
}

describe('an origin that is listed', () => {
  test.each([
    ['as browsers send it', 'https://app.example.com', 'https://app.example.com'],
    ['with a slash at its end', 'https://app.example.com/', 'https://app.example.com'],
    ['in capitals', 'HTTPS://App.Example.com', 'https://app.example.com'],
    ['with its default port', 'https://app.example.com:443', 'https://app.example.com'],
    ['with the default port of http', 'http://app.example.com:80', 'http://app.example.com'],
    ['with a port', 'http://localhost:5173', 'http://localhost:5173'],
    ['with white space around it', ' https://app.example.com ', 'https://app.example.com'],
    ['with letters beyond ASCII', 'https://bücher.example', 'https://xn--bcher-kva.example'],
    ['as an IPv6 address', 'http://[::1]:3000', 'http://[::1]:3000'],
    ['by a wildcard', 'https://*.example.com', 'https://pr-7.example.com'],
    ['by a wildcard, deeper', 'https://*.example.com', 'https://a.b.example.com'],
    ['by a wildcard with a port', 'https://*.example.com:8443', 'https://a.example.com:8443'],
    [
      'by a wildcard in a label',
      'https://app-*.vercel.example.com',
      'https://app-x1.vercel.example.com',
    ],
    ['by a wildcard of localhost', 'http://*.localhost:3000', 'http://a.localhost:3000'],
    ['as that of an app', 'capacitor://localhost', 'capacitor://localhost'],
    ['as that of an extension', 'chrome-extension://abc/', 'chrome-extension://abc'],
    ['as null', 'null', 'null'],
    ['by *', '*', 'https://anything.example'],
  ])('%s is allowed', (_how, listed, origin) => {
    expect(allows([listed], origin)).toBe(true)
  })
})

test.each([
  ['another scheme', 'https://app.example.com', 'http://app.example.com'],
  ['another port', 'https://app.example.com', 'https://app.example.com:8443'],
  ['a name that ends alike', 'https://app.example.com', 'https://evil-app.example.com'],
  ['a name that begins alike', 'https://app.example.com', 'https://app.example.com.evil.example'],
  ['the apex of a wildcard', 'https://*.example.com', 'https://example.com'],
  ['a suffix without its dot', 'https://*.example.com', 'https://evilexample.com'],
  ['a wildcard on http', 'https://*.example.com', 'http://pr-7.example.com'],
  ['two labels for a part of one', 'https://pr-*.example.com', 'https://pr-1.evil.example.com'],
  ['what no regular expression may match', 'https://a.example.com', 'https://axexample.com'],
  ['user information', 'https://*.example.com', 'https://x@evil.example/.example.com'],
  ['null that is not listed', 'https://app.example.com', 'null'],
  ['nothing', 'https://app.example.com', ''],
])('%s is refused', (_what, listed, origin) => {
  expect(allows([listed], origin)).toBe(false)
})

test.each([
  ['app.example.com', 'https://app.example.com'],
  ['localhost:5173', 'http://localhost:5173'],
  ['//app.example.com', 'scheme'],
  ['wss://app.example.com', 'https://app.example.com'],
  ['ws://localhost:5173', 'http://localhost:5173'],
  ['https://app.example.com/chat', 'https://app.example.com'],
  ['https://app.example.com/?a', 'https://app.example.com'],
  ['https://ann@app.example.com', 'https://app.example.com'],
  ['https://', 'is not an origin'],
  ['https://a b', 'is not an origin'],
  ['https://a.example,https://b.example', 'one origin'],
  ['https://a.*.example.com', 'first'],
  ['https://*.com', 'every site'],
  ['https://*', 'every site'],
  ['capacitor://*', 'wildcard'],
  ['', 'empty'],
])('%j in the list is refused at the start, and the error says what to write', (listed, text) => {
  expect(() => createOriginPolicy([listed])).toThrow(
    expect.objectContaining({ code: 'CONFIG', message: expect.stringContaining(text) as string }),
  )
})

describe('a page of the server’s own host', () => {
  test.each([
    ['http://rusher.example:8080', 'rusher.example:8080'],
    ['https://rusher.example', 'rusher.example'],
    ['https://rusher.example', 'rusher.example:443'],
    ['http://rusher.example', 'rusher.example:80'],
    ['https://rusher.example', 'Rusher.Example'],
    ['http://[::1]:8080', '[::1]:8080'],
  ])('%s is allowed at %s', (origin, at) => {
    expect(allows([], origin, at)).toBe(true)
  })

  test.each([
    ['http://rusher.example:8080', 'rusher.example:8081'],
    ['https://rusher.example', 'rusher.example:8080'],
    ['http://evil.example', 'rusher.example/@evil.example'],
    ['http://evil.example', 'evil.example/x'],
    ['capacitor://localhost', 'localhost'],
    ['https://evil.example', ''],
  ])('%s is refused at %s', (origin, at) => {
    expect(allows([], origin, at)).toBe(false)
  })

  test('a request without an origin does not come from a page', () => {
    expect(allows([], undefined)).toBe(true)
    expect(createOriginPolicy([]).allows({})).toBe(true)
  })
})

describe('a request that changes something', () => {
  const policy = createOriginPolicy([])

  test('is refused from a foreign page, with an Origin or without', () => {
    const write = (headers: Record<string, string>) =>
      policy.allowsWrite({ host, ...headers }, 'POST')
    expect(write({ origin: 'https://evil.example' })).toBe(false)
    expect(write({ origin: 'null' })).toBe(false)
    expect(write({ 'sec-fetch-site': 'cross-site' })).toBe(false)
    expect(write({ 'sec-fetch-site': 'same-site' })).toBe(false)
    expect(write({ 'sec-fetch-site': 'same-origin' })).toBe(true)
    expect(write({ 'sec-fetch-site': 'none' })).toBe(true)
    expect(write({})).toBe(true)
  })

  test('is allowed from a listed page, whatever site the browser calls it', () => {
    const listed = createOriginPolicy(['https://app.example'])
    const headers = { host, origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }
    expect(listed.allowsWrite(headers, 'POST')).toBe(true)
  })

  test('reading is judged by the Origin alone', () => {
    expect(policy.allowsWrite({ host, 'sec-fetch-site': 'cross-site' }, 'GET')).toBe(true)
    expect(policy.allowsWrite({ host, origin: 'https://evil.example' }, 'GET')).toBe(false)
  })
})
