import { describe, expect, it } from 'vitest'
import type { ChannelEvent, PendingPublish } from '../../src/client/index.ts'
import { ClientError } from '../../src/client/index.ts'
import type { ChatBody } from '../../templates/chat/src/room/chat-body.ts'
import { splitLinks } from '../../templates/chat/src/room/links.ts'
import { foldMessages } from '../../templates/chat/src/room/messages.ts'
import { readThrough } from '../../templates/chat/src/room/read.ts'
import { toRows } from '../../templates/chat/src/room/rows.ts'
import { listRooms, roomOfHash, toRoomName } from '../../templates/chat/src/rooms.ts'

const ada = { id: 'ada', name: 'Ada' }
const bob = { id: 'bob', name: 'Bob' }
const noon = new Date(2026, 10, 24, 12).getTime()

function event(offset: number, body: ChatBody, user = ada): ChannelEvent<ChatBody> {
  return { type: 'event', channel: 'chat:lobby', offset, at: noon + offset, user, body }
}

function erased(offset: number): ChannelEvent<ChatBody> {
  return { type: 'event', channel: 'chat:lobby', offset, erased: true }
}

function fold(
  events: readonly ChannelEvent<ChatBody>[],
  pending: readonly PendingPublish<ChatBody>[] = [],
) {
  return foldMessages(events, pending, ada, noon)
}

describe('messages', () => {
  it('are what was said, in order', () => {
    const log = [event(1, { kind: 'say', text: 'a' }), event(2, { kind: 'say', text: 'b' }, bob)]
    expect(fold(log).map(({ text, author }) => [text, author.id])).toEqual([
      ['a', 'ada'],
      ['b', 'bob'],
    ])
  })

  it('have their newest text, and know which event holds it', () => {
    const log = [
      event(1, { kind: 'say', text: 'a' }),
      event(2, { kind: 'edit', offset: 1, text: 'b' }),
      event(3, { kind: 'edit', offset: 1, last: 2, text: 'c' }),
    ]
    expect(fold(log)).toMatchObject([{ offset: 1, text: 'c', edited: true, last: 3, at: noon + 1 }])
  })

  it('come out the same from a log that edits have erased', () => {
    const log = [
      erased(1),
      erased(2),
      event(3, { kind: 'edit', offset: 1, last: 2, text: 'c', saidAt: noon + 1 }),
    ]
    expect(fold(log)).toMatchObject([
      { offset: 1, text: 'c', edited: true, last: 3, at: noon + 1, author: ada },
    ])
  })

  it('that were deleted keep their place and no text', () => {
    const live = [event(1, { kind: 'say', text: 'a' }), event(2, { kind: 'delete', offset: 1 })]
    const later = [erased(1), event(2, { kind: 'delete', offset: 1 })]
    for (const log of [live, later]) {
      expect(fold(log)).toMatchObject([{ offset: 1, text: '', deleted: true, author: ada }])
    }
  })

  it('that are not loaded yet find their changes when they come', () => {
    const change = event(9, { kind: 'edit', offset: 4, text: 'b', saidAt: noon + 4 })
    expect(fold([change])).toEqual([])
    expect(fold([erased(4), change])).toMatchObject([{ offset: 4, text: 'b' }])
  })

  it('that wait to be saved stand at the end and say how far they are', () => {
    const pending: PendingPublish<ChatBody>[] = [
      { id: 'p1', body: { kind: 'say', text: 'b' }, state: 'queued' },
      {
        id: 'p2',
        body: { kind: 'say', text: 'c' },
        state: 'failed',
        error: new ClientError('TOO_LARGE', 'too long'),
      },
      { id: 'p3', body: { kind: 'read', offset: 1 }, state: 'sent' },
    ]
    expect(fold([event(1, { kind: 'say', text: 'a' })], pending)).toMatchObject([
      { text: 'a', delivery: { state: 'saved' } },
      { key: 'p1', text: 'b', delivery: { state: 'queued' } },
      { text: 'c', delivery: { state: 'failed', publishId: 'p2', reason: 'too long' } },
    ])
  })

  it('show an edit while it is on its way', () => {
    const pending: PendingPublish<ChatBody>[] = [
      { id: 'p1', body: { kind: 'edit', offset: 1, text: 'b' }, state: 'sent' },
    ]
    expect(fold([event(1, { kind: 'say', text: 'a' })], pending)).toMatchObject([
      { offset: 1, text: 'b', edited: true, delivery: { state: 'sent' } },
    ])
  })
})

describe('replies', () => {
  const answer: ChatBody = { kind: 'say', text: 'yes', replyTo: 1 }

  it('know what they answer, also while they wait and after an edit', () => {
    const edit: ChatBody = { kind: 'edit', offset: 2, text: 'no', saidAt: noon, replyTo: 1 }
    expect(fold([event(2, answer)])).toMatchObject([{ replyTo: 1 }])
    expect(fold([erased(2), event(3, edit)])).toMatchObject([{ text: 'no', replyTo: 1 }])
    expect(fold([], [{ id: 'p1', body: answer, state: 'queued' }])).toMatchObject([{ replyTo: 1 }])
  })

  it('that were deleted answer nothing', () => {
    const log = [event(2, answer), event(3, { kind: 'delete', offset: 2 })]
    expect(fold(log)).toMatchObject([{ deleted: true, replyTo: undefined }])
  })
})

describe('reactions', () => {
  const react = (emoji: string, on = true, offset = 1): ChatBody => ({
    kind: 'react',
    offset,
    emoji,
    on,
  })
  const said = event(1, { kind: 'say', text: 'a' })
  const pending = (
    body: ChatBody,
    state: 'sent' | 'failed' = 'sent',
  ): PendingPublish<ChatBody> => ({
    id: 'p1',
    body,
    state,
  })

  it('are one set for each emoji, in which each user counts once', () => {
    const log = [
      said,
      event(2, react('👍'), bob),
      event(3, react('👍'), bob),
      event(4, react('🎉'), bob),
      event(5, react('👍')),
    ]
    expect(fold(log)[0]?.reactions).toEqual([
      { emoji: '👍', users: [bob, ada] },
      { emoji: '🎉', users: [bob] },
    ])
  })

  it('can be taken back by who made them, and made again', () => {
    const log = [
      said,
      event(2, react('👍'), bob),
      event(3, react('👍')),
      event(4, react('👍', false), bob),
    ]
    expect(fold(log)[0]?.reactions).toEqual([{ emoji: '👍', users: [ada] }])
    expect(fold([...log, event(5, react('👍', false))])[0]?.reactions).toEqual([])
    expect(fold([...log, event(5, react('👍'), bob)])[0]?.reactions).toMatchObject([
      { users: [ada, bob] },
    ])
  })

  it('stay with a message that is edited, and go with one that is deleted', () => {
    const log = [said, event(2, react('👍'), bob)]
    const edited = [...log, event(3, { kind: 'edit', offset: 1, text: 'b' })]
    expect(fold(edited)).toMatchObject([{ text: 'b', reactions: [{ emoji: '👍' }] }])
    expect(fold([...log, event(3, { kind: 'delete', offset: 1 })])[0]?.reactions).toEqual([])
  })

  it('to a message that is not loaded yet are there when it comes', () => {
    const later = event(9, react('👍'), bob)
    expect(fold([later])).toEqual([])
    expect(fold([said, later])[0]?.reactions).toHaveLength(1)
  })

  it('show while they are on their way, and not when they were refused', () => {
    expect(fold([said], [pending(react('👍'))])[0]?.reactions).toEqual([
      { emoji: '👍', users: [ada] },
    ])
    expect(fold([said], [pending(react('👍'), 'failed')])[0]?.reactions).toEqual([])
    const mine = [said, event(2, react('👍'))]
    expect(fold(mine, [pending(react('👍', false))])[0]?.reactions).toEqual([])
  })

  it('are twenty different ones at most', () => {
    const log = Array.from({ length: 30 }, (_, index) =>
      event(index + 2, react(String.fromCodePoint(0x1f600 + index)), bob),
    )
    expect(fold([said, ...log])[0]?.reactions).toHaveLength(20)
  })

  it('to older messages do not make what came after them read', () => {
    const log = [event(1, { kind: 'say', text: 'a' }), event(7, react('👍'))]
    expect(readThrough({ events: log, latest: new Map() }, ada)).toBe(1)
  })
})

describe('rows', () => {
  const log = [
    event(1, { kind: 'say', text: 'a' }, bob),
    event(2, { kind: 'say', text: 'b' }, bob),
    event(3, { kind: 'say', text: 'c' }, ada),
    event(4, { kind: 'say', text: 'd' }, bob),
  ]
  const kinds = (rows: ReturnType<typeof toRows>) => rows.map(({ kind }) => kind)

  it('put what one author says in a row together, under its day', () => {
    const rows = toRows(fold(log), 'ada', undefined)
    expect(kinds(rows)).toEqual(['day', 'group', 'group', 'group'])
    expect(rows[1]).toMatchObject({ messages: [{ text: 'a' }, { text: 'b' }] })
  })

  it('draw a line before the first message of another that was not seen', () => {
    const rows = toRows(fold(log), 'carol', { after: 1, through: 4 })
    expect(kinds(rows)).toEqual(['day', 'group', 'new', 'group', 'group', 'group'])
  })

  it('draw no line over what one has answered', () => {
    const rows = toRows(fold(log), 'ada', { after: 0, through: 3 })
    expect(kinds(rows)).not.toContain('new')
  })

  it('start anew after five minutes and on another day', () => {
    const spread = fold(log.slice(0, 2)).map((message, index) => ({
      ...message,
      at: noon + index * 24 * 3_600_000,
    }))
    expect(kinds(toRows(spread, 'ada', undefined))).toEqual(['day', 'group', 'day', 'group'])
  })
})

describe('links', () => {
  it('are web addresses, without the punctuation after them', () => {
    expect(splitLinks('see (https://a.example/b?c=1), or http://d.example!')).toEqual([
      { text: 'see (' },
      { text: 'https://a.example/b?c=1', href: 'https://a.example/b?c=1' },
      { text: '), or ' },
      { text: 'http://d.example', href: 'http://d.example/' },
      { text: '!' },
    ])
  })

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'https://',
    'www.a.example',
    '',
  ])('are not made of %j', (text) => {
    expect(splitLinks(text).some(({ href }) => href !== undefined)).toBe(false)
  })

  it('put together are the text again', () => {
    const text = 'a https://b.example, https://c.example/("x") <d>'
    const parts = splitLinks(text)
    expect(parts.map((part) => part.text).join('')).toBe(text)
  })
})

describe('rooms', () => {
  it.each([
    ['Café Plans!', 'cafe-plans'],
    ['  Launch   Day ', 'launch-day'],
    ['"><img src=x>', 'img-src-x'],
    ['x'.repeat(80), 'x'.repeat(32)],
    ['チャット', undefined],
    ['---', undefined],
  ])('make of %j the name %j', (typed, name) => {
    expect(toRoomName(typed)).toBe(name)
  })

  it('are in the address, where a wrong one is the lobby', () => {
    expect(roomOfHash('#ideas')).toBe('ideas')
    expect(roomOfHash('')).toBe('lobby')
    expect(roomOfHash('#<img>')).toBe('lobby')
  })

  it('are listed once, the first ones first, and only under names that are ones', () => {
    const value = { at: 0, user: ada, body: null }
    const opened = new Map(
      ['zebra', 'help', 'apple', '<img>'].map((key) => [key, { key, ...value }]),
    )
    expect(listRooms(opened)).toEqual(['lobby', 'ideas', 'help', 'apple', 'zebra'])
  })
})
