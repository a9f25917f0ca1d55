import { describe, expect, test } from 'vitest'
import type { Json } from '../../../protocol/index.ts'
import type { Context, Decision } from '../app.ts'
import { createPlainApp } from './plain-app.ts'

const app = createPlainApp()

function ask(body: Json, act: Context['act']): Decision | undefined {
  const command = app.parse(body)
  if (command === undefined) return undefined
  return app.decide(
    null,
    command,
    { user: { id: 'ada' } },
    { now: 0, head: 0, found: new Map(), act },
  )
}

describe.each<[string, Json]>([
  ['null', null],
  ['false', false],
  ['zero', 0],
  ['an empty text', ''],
  ['a list', [1, [2]]],
  ['a named event', { event: 'order-shipped', data: { id: 42 } }],
  ['a body of the chat', { kind: 'say', text: 'hello' }],
])('%s', (_what, body) => {
  test('is kept in the log as it is when it is published', () => {
    expect(ask(body, 'publish')).toEqual({ kind: 'publish', body, keep: 'log' })
  })

  test('is kept nowhere when it is a signal', () => {
    expect(ask(body, 'signal')).toEqual({ kind: 'publish', body, keep: 'never' })
  })

  test('is refused as a request', () => {
    expect(ask(body, 'request')).toMatchObject({ kind: 'reject', code: 'BAD_COMMAND' })
  })
})

test('everything is kept unless a retention is set', () => {
  expect(app.retention).toBeUndefined()
  expect(createPlainApp({ retention: { count: 10 } }).retention).toEqual({ count: 10 })
})
