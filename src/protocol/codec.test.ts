import { expect, test } from 'vitest'
import { decodeFrame, decodeServerFrame, encodeCommands } from './codec.ts'
import { defaultLimits } from './limits.ts'

const decode = (text: string) => decodeFrame(text, defaultLimits)

test('a frame is one command', () => {
  expect(decode('{"type":"ping","ref":1}')).toEqual({
    commands: [{ command: { type: 'ping', ref: 1 } }],
  })
})

test('or an array of commands, in order', () => {
  const frame = '[{"type":"ping","ref":1},{"type":"leave","ref":2,"channels":["chat:a"]}]'
  expect(decode(frame)).toEqual({
    commands: [
      { command: { type: 'ping', ref: 1 } },
      { command: { type: 'leave', ref: 2, channels: ['chat:a'] } },
    ],
  })
})

test('what a client encodes, a server decodes', () => {
  const command = {
    type: 'publish',
    ref: 3,
    channel: 'chat:a',
    id: 'x1',
    body: { kind: 'say', text: 'hé\n☃' },
  } as const
  expect(decode(encodeCommands([command]))).toEqual({ commands: [{ command }] })
})

test('fields that this version does not know are left out', () => {
  expect(decode('{"type":"ping","ref":1,"later":true}')).toEqual({
    commands: [{ command: { type: 'ping', ref: 1 } }],
  })
})

test.each([
  ['no JSON', '{"type":'],
  ['empty', ''],
  ['an empty array', '[]'],
  ['too many commands', JSON.stringify(Array.from({ length: 65 }, () => ({ type: 'pong' })))],
])('a frame that is %s closes the session', (_what, text) => {
  expect(decode(text)).toMatchObject({ close: 'BAD_FRAME' })
})

const signalOf = (body: string) => `{"type":"signal","ref":4,"channel":"chat:a","body":${body}}`

test.each([
  ['a number beyond doubles', signalOf('{"at":1e400}')],
  ['a number beyond doubles, negative', signalOf('[-1e400]')],
  ['the key __proto__', signalOf('{"__proto__":{"x":1}}')],
  ['the key __proto__, escaped', signalOf('{"a":[{"\\u005f_proto__":1}]}')],
  ['the key __proto__ itself', '{"type":"ping","ref":4,"__proto__":{"type":"pong"}}'],
  ['a body that is too deep', signalOf(`${'['.repeat(40)}${']'.repeat(40)}`)],
])('a command with %s is refused alone', (_what, text) => {
  const refusal = { code: 'BAD_COMMAND', retry: false }
  expect(decode(text)).toMatchObject({ commands: [{ ref: 4, refusal }] })
  expect(decode(`[${text},{"type":"ping","ref":5}]`)).toMatchObject({
    commands: [{ ref: 4, refusal }, { command: { type: 'ping', ref: 5 } }],
  })
  expect(Object.prototype).not.toHaveProperty('x')
})

test.each([
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
])('the name %s, which every object has, is no command, and any value like another', (name) => {
  expect(decode(`{"type":"${name}","ref":4}`)).toMatchObject({
    commands: [{ ref: 4, refusal: { code: 'UNKNOWN_TYPE' } }],
  })
  expect(decode(signalOf(`"${name}"`))).toMatchObject({ commands: [{ command: { body: name } }] })
})

test.each(['constructor', 'toString', 'hasOwnProperty', 'prototype'])(
  'the key %s is one like another',
  (key) => {
    const decoded = decode(signalOf(`{"${key}":{"x":1}}`))
    expect(JSON.stringify(decoded)).toContain(`"body":{"${key}":{"x":1}}`)
  },
)

test.each([
  [
    'so deep that recursion would not return',
    '['.repeat(30_000) + ']'.repeat(30_000),
    undefined,
    'BAD_COMMAND',
  ],
  ['not an object', '7', undefined, 'BAD_COMMAND'],
  ['of no known type', '{"type":"fly","ref":4}', 4, 'UNKNOWN_TYPE'],
  ['named like a built-in', '{"type":"toString","ref":4}', 4, 'UNKNOWN_TYPE'],
  ['without a ref', '{"type":"ping"}', undefined, 'BAD_COMMAND'],
  ['with half a ref', '{"type":"ping","ref":1.5}', undefined, 'BAD_COMMAND'],
  ['with a negative ref', '{"type":"ping","ref":-1}', undefined, 'BAD_COMMAND'],
  [
    'a publish without an id',
    '{"type":"publish","ref":4,"channel":"chat:a","body":1}',
    4,
    'BAD_COMMAND',
  ],
  [
    'a publish without a body',
    '{"type":"publish","ref":4,"channel":"chat:a","id":"x"}',
    4,
    'BAD_COMMAND',
  ],
  ['a join of nothing', '{"type":"join","ref":4,"channels":[]}', 4, 'BAD_COMMAND'],
  [
    'a position without an epoch',
    '{"type":"join","ref":4,"channels":[{"channel":"chat:a","since":{"offset":1}}]}',
    4,
    'BAD_COMMAND',
  ],
  [
    'history both ways',
    '{"type":"history","ref":4,"channel":"chat:a","before":1,"after":1}',
    4,
    'BAD_COMMAND',
  ],
])('a command that is %s is refused alone', (_what, text, ref, code) => {
  expect(decode(text)).toMatchObject({ commands: [{ ref, refusal: { code } }] })
})

test('a malformed command among others leaves the others as they are', () => {
  expect(decode('[{"type":"fly","ref":1},{"type":"ping","ref":2}]')).toMatchObject({
    commands: [
      { ref: 1, refusal: { code: 'UNKNOWN_TYPE' } },
      { command: { type: 'ping', ref: 2 } },
    ],
  })
})

test('frames of a server are messages, or nothing at all', () => {
  expect(decodeServerFrame('[{"type":"ping"},{"type":"reply","ref":1,"ok":{}}]')).toHaveLength(2)
  expect(decodeServerFrame('[{"type":"ping"},7]')).toBeUndefined()
  expect(decodeServerFrame('nonsense')).toBeUndefined()
})
