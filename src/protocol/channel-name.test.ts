import { describe, expect, test } from 'vitest'
import { channelCharsMax, parseChannelName, refuseChannelName } from './channel-name.ts'

test.each([
  ['chat:lobby', 'chat', 'lobby'],
  ['orders:42', 'orders', '42'],
  ['orders:42:lines', 'orders', '42:lines'],
  ['lobby', undefined, 'lobby'],
  ['room/1', undefined, 'room/1'],
  ['private-user@example.com', undefined, 'private-user@example.com'],
  ['presence-a=b,c;d.e|f+g', undefined, 'presence-a=b,c;d.e|f+g'],
  ['Chat:lobby', 'Chat', 'lobby'],
  ['a::', 'a', ':'],
  ['..', undefined, '..'],
])('%s is a name with the prefix %s and the id %s', (name, prefix, id) => {
  expect(parseChannelName(name)).toEqual({ prefix, id })
})

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  '%s, which every object has, is a name like another, also as a prefix',
  (name) => {
    expect(parseChannelName(name)).toEqual({ prefix: undefined, id: name })
    expect(parseChannelName(`${name}:a`)).toEqual({ prefix: name, id: 'a' })
  },
)

describe('what is not a name', () => {
  test.each([
    '',
    ':',
    ':lobby',
    'chat:',
    'chat lobby',
    'chat:a b',
    'chat:ä',
    'chat:a\n',
    'chat:"',
    'chat:\\',
    "chat:'",
    'chat:<b>',
    'chat:%2F',
    'chat:#1',
    'chat:a?b',
    'chat:*',
    '\u0000',
    42,
    null,
    undefined,
    ['lobby'],
    { toString: () => 'lobby' },
  ])('%j', (name) => {
    expect(parseChannelName(name)).toBeUndefined()
  })

  test('one character more than the longest name', () => {
    expect(parseChannelName('x'.repeat(channelCharsMax))).toBeDefined()
    expect(parseChannelName('x'.repeat(channelCharsMax + 1))).toBeUndefined()
    const long = `chat:${'x'.repeat(channelCharsMax - 5)}`
    expect(parseChannelName(long)).toBeDefined()
    expect(parseChannelName(`${long}x`)).toBeUndefined()
  })
})

test('every character that a name may hold stands in JSON as it is', () => {
  for (let code = 0; code < 0x250; code += 1) {
    const character = String.fromCharCode(code)
    if (parseChannelName(`a${character}a`) === undefined) continue
    expect(JSON.stringify(character)).toBe(`"${character}"`)
  }
})

describe('the refusal of a name', () => {
  test('names what was given and the rule', () => {
    const { code, message } = refuseChannelName('chat lobby')
    expect(code).toBe('BAD_CHANNEL')
    expect(message).toContain('"chat lobby" is not a channel name')
    expect(message).toContain('_ - = @ , . ; / | + :')
  })

  test('is short and printable, whatever was given', () => {
    const { message } = refuseChannelName(`\u0007\u001b[31m${'x'.repeat(10_000)}`)
    expect(message.length).toBeLessThan(400)
    expect(message).not.toContain('\u001b')
  })
})
