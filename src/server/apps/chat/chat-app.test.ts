import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, User } from '../../../protocol/index.ts'
import type { AppEvent, Decision } from '../app.ts'
import { createChatApp } from './chat-app.ts'

const ada: User = { id: 'ada', name: 'Ada' }
const bob: User = { id: 'bob' }
const app = createChatApp()

/** Runs a body as the channel does: parse, look up what it refers to, decide. */
function ask(body: Json, { as = ada, log = [] as readonly AppEvent[] } = {}): Decision | undefined {
  const command = app.parse(body)
  if (command === undefined) return undefined
  const wanted = app.refers?.(command) ?? []
  const found = new Map(
    log.filter(({ offset }) => wanted.includes(offset)).map((event) => [event.offset, event]),
  )
  return app.decide(null, command, { user: as }, { now: 9_000, head: 20, found, act: 'publish' })
}

function event(offset: number, body: Json, user = ada): AppEvent {
  return { offset, at: 1_000 + offset, user, body }
}

const said = event(5, { kind: 'say', text: 'helo' })
const edited = event(7, { kind: 'edit', offset: 5, text: 'hello', saidAt: 1_005 })

describe('an answer', () => {
  it('keeps which message it answers, also when it is edited', () => {
    const body = { kind: 'say', text: 'yes', replyTo: 5 }
    expect(ask(body)).toEqual({ kind: 'publish', body, keep: 'log' })
    const answer = event(9, body)
    expect(ask({ kind: 'edit', offset: 9, text: 'no' }, { log: [answer] })).toMatchObject({
      body: { kind: 'edit', offset: 9, text: 'no', saidAt: 1_009, replyTo: 5 },
      erase: 9,
    })
    const edit = event(10, { kind: 'edit', offset: 9, text: 'no', saidAt: 1_009, replyTo: 5 })
    const again = { kind: 'edit', offset: 9, last: 10, text: 'so' }
    expect(ask(again, { log: [edit] })).toMatchObject({ body: { saidAt: 1_009, replyTo: 5 } })
  })

  it('is refused when it answers what is not in the log yet', () => {
    expect(ask({ kind: 'say', text: 'yes', replyTo: 21 })).toMatchObject({ code: 'NOT_FOUND' })
  })

  it.each([0, -1, 1.5, '5', null])('takes no offset %j', (replyTo) => {
    expect(app.parse({ kind: 'say', text: 'yes', replyTo })).toBeUndefined()
  })
})

describe('react', () => {
  it.each(['🎉', '👍🏽', '👩‍👩‍👧', '❤️', '🇫🇷', '1️⃣'])('keeps %s in the log', (emoji) => {
    const body = { kind: 'react', offset: 5, emoji, on: true }
    expect(ask({ ...body, more: 1 })).toEqual({ kind: 'publish', body, keep: 'log' })
    expect(ask({ ...body, on: false })).toMatchObject({ body: { on: false } })
  })

  it.each(['', 'a', 'ok', '🎉🎉', ' 🎉', '🎉 ', '<b>', '\uD83C', 1, null])(
    'takes no %j for an emoji',
    (emoji) => {
      expect(app.parse({ kind: 'react', offset: 5, emoji, on: true })).toBeUndefined()
    },
  )

  it('says whether it comes or goes, and names an event of the log', () => {
    expect(app.parse({ kind: 'react', offset: 5, emoji: '🎉' })).toBeUndefined()
    expect(app.parse({ kind: 'react', emoji: '🎉', on: true })).toBeUndefined()
    expect(ask({ kind: 'react', offset: 21, emoji: '🎉', on: true })).toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

describe('say', () => {
  it('is kept in the log', () => {
    expect(ask({ kind: 'say', text: 'hello' })).toEqual({
      kind: 'publish',
      body: { kind: 'say', text: 'hello' },
      keep: 'log',
    })
  })

  it('passes on nothing that the chat does not know', () => {
    expect(ask({ kind: 'say', text: 'hello', admin: true })).toMatchObject({
      body: { kind: 'say', text: 'hello' },
    })
  })

  it('loses space around its text and keeps lines, tabs, emoji and right-to-left text', () => {
    const text = 'one\n\ttwo 👩‍👩‍👧 שלום'
    expect(ask({ kind: 'say', text: `  ${text}\n ` })).toMatchObject({ body: { text } })
  })

  it('takes a text of exactly the limit and refuses the first character beyond it', () => {
    const small = createChatApp({ textCharsMax: 3 })
    expect(small.parse({ kind: 'say', text: 'abc' })).toEqual({ kind: 'say', text: 'abc' })
    expect(small.parse({ kind: 'say', text: 'abcd' })).toBeUndefined()
  })

  it.each([
    ['nothing', undefined],
    ['a number', 1],
    ['a list', ['a']],
    ['an object', { toString: 'a' }],
    ['only space', ' \n\t '],
    ['a null character', 'a\u0000b'],
    ['an escape sequence', 'a\u001b[31mb'],
    ['a carriage return', 'a\rb'],
    ['a C1 control character', 'a\u0085b'],
    ['half a surrogate pair', 'a\ud800b'],
  ])('refuses %s as its text', (_what, text) => {
    expect(ask(text === undefined ? { kind: 'say' } : { kind: 'say', text })).toBeUndefined()
  })
})

describe('edit', () => {
  it('of a message erases it and carries the new text and the time of the old', () => {
    expect(ask({ kind: 'edit', offset: 5, text: 'hello' }, { log: [said] })).toEqual({
      kind: 'publish',
      body: { kind: 'edit', offset: 5, text: 'hello', saidAt: 1_005 },
      keep: 'log',
      erase: 5,
    })
  })

  it('of an edited message erases the edit before it', () => {
    const decision = ask({ kind: 'edit', offset: 5, last: 7, text: 'hello!' }, { log: [edited] })
    expect(decision).toEqual({
      kind: 'publish',
      body: { kind: 'edit', offset: 5, text: 'hello!', saidAt: 1_005 },
      keep: 'log',
      erase: 7,
    })
  })

  it('that does not know the newest text is refused', () => {
    expect(ask({ kind: 'edit', offset: 5, text: 'x' }, { log: [edited] })).toMatchObject({
      kind: 'reject',
      code: 'NOT_FOUND',
    })
  })

  it('has the same rules for its text as a message', () => {
    expect(ask({ kind: 'edit', offset: 5, text: ' ' }, { log: [said] })).toBeUndefined()
    expect(ask({ kind: 'edit', offset: 5, text: 'a\u0007' }, { log: [said] })).toBeUndefined()
  })
})

describe('delete', () => {
  it('erases the message and says which one it was', () => {
    expect(ask({ kind: 'delete', offset: 5 }, { log: [said] })).toEqual({
      kind: 'publish',
      body: { kind: 'delete', offset: 5 },
      keep: 'log',
      erase: 5,
    })
  })

  it('of an edited message erases the edit that holds its text', () => {
    const decision = ask({ kind: 'delete', offset: 5, last: 7 }, { log: [edited] })
    expect(decision).toMatchObject({ body: { kind: 'delete', offset: 5 }, erase: 7 })
  })

  it('of a deleted message is refused', () => {
    expect(ask({ kind: 'delete', offset: 5 }, { log: [] })).toMatchObject({
      kind: 'reject',
      code: 'NOT_FOUND',
    })
  })
})

describe.each(['edit', 'delete'])('%s', (kind) => {
  const change = { kind, offset: 5, text: 'x' }

  it('of what the log does not have is refused', () => {
    expect(ask(change)).toMatchObject({ kind: 'reject', code: 'NOT_FOUND' })
  })

  it("of another's message is refused", () => {
    const decision = ask(change, { as: bob, log: [said] })
    expect(decision).toMatchObject({ kind: 'reject', code: 'DENIED' })
  })

  it("of another's message through one's own edit of another message is refused", () => {
    const own = event(8, { kind: 'edit', offset: 6, text: 'mine', saidAt: 1_006 }, bob)
    const decision = ask({ ...change, last: 8 }, { as: bob, log: [said, own] })
    expect(decision).toMatchObject({ kind: 'reject', code: 'DENIED' })
  })

  it("of another's message through one's own later message is refused", () => {
    const own = event(8, { kind: 'say', text: 'mine' }, bob)
    const decision = ask({ ...change, last: 8 }, { as: bob, log: [said, own] })
    expect(decision).toMatchObject({ kind: 'reject', code: 'DENIED' })
  })

  it('of an edit or a deletion itself is refused', () => {
    expect(ask({ ...change, offset: 7 }, { log: [edited] })).toMatchObject({ code: 'DENIED' })
    const gone = event(7, { kind: 'delete', offset: 5 })
    expect(ask({ ...change, offset: 7 }, { log: [gone] })).toMatchObject({ code: 'DENIED' })
    expect(ask({ ...change, last: 7 }, { log: [gone] })).toMatchObject({ code: 'DENIED' })
  })

  it.each([0, -1, 1.5, '5', null, 2 ** 53, [5]])('with %j as offset is not a command', (offset) => {
    expect(app.parse({ ...change, offset })).toBeUndefined()
  })

  it.each([5, 4, 0, '7', null])('with %j as last is not a command', (last) => {
    expect(app.parse({ ...change, last })).toBeUndefined()
  })
})

describe('typing', () => {
  it('is not kept', () => {
    expect(ask({ kind: 'typing', on: true })).toEqual({
      kind: 'publish',
      body: { kind: 'typing', on: true },
      keep: 'never',
    })
  })

  it('is on or off', () => {
    expect(ask({ kind: 'typing', on: 'yes' })).toBeUndefined()
    expect(ask({ kind: 'typing' })).toBeUndefined()
  })
})

describe('read', () => {
  it("is kept as the user's newest", () => {
    expect(ask({ kind: 'read', offset: 12 })).toEqual({
      kind: 'publish',
      body: { kind: 'read', offset: 12 },
      keep: { latest: 'read:ada', increasing: 'offset' },
    })
  })

  it('cannot be beyond the end of the log', () => {
    expect(ask({ kind: 'read', offset: 20 })).toMatchObject({ kind: 'publish' })
    expect(ask({ kind: 'read', offset: 21 })).toMatchObject({ kind: 'reject', code: 'NOT_FOUND' })
  })

  it('cannot be set for another user', () => {
    expect(ask({ kind: 'read', offset: 12, user: 'bob' })).toMatchObject({
      body: { kind: 'read', offset: 12 },
      keep: { latest: 'read:ada', increasing: 'offset' },
    })
  })
})

describe('any body', () => {
  it.each([
    null,
    true,
    1,
    'say',
    [],
    ['say'],
    {},
    { kind: null },
    { kind: 'constructor' },
    { kind: 'SAY', text: 'a' },
  ])('that is %j is not a command', (body) => {
    expect(app.parse(body)).toBeUndefined()
  })

  it('is parsed without throwing, and what is parsed is decided without throwing', () => {
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          kind: fc.constantFrom('say', 'edit', 'delete', 'typing', 'read'),
          text: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
          offset: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.jsonValue()),
          last: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.jsonValue()),
          on: fc.jsonValue(),
        },
        { requiredKeys: ['kind'] },
      ),
    )
    fc.assert(
      fc.property(body, (value) => {
        const decision = ask(value as Json, { log: [edited] })
        expect(['publish', 'reject', undefined]).toContain(decision?.kind)
      }),
    )
  })
})

it('keeps what its options say', () => {
  expect(createChatApp({ retention: { count: 10 } }).retention).toEqual({ count: 10 })
  expect(app).not.toHaveProperty('retention')
})
