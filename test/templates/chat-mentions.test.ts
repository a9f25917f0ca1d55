import { describe, expect, it } from 'vitest'
import { parseMarkdown } from '../../templates/chat/src/room/markdown.ts'
import {
  matchPeople,
  mentionAt,
  mentionable,
  mentionedId,
  readMentions,
  writeMentions,
} from '../../templates/chat/src/room/mentions.ts'

const ada = { id: 'ada-1', name: 'Ada Lovelace' }
const adam = { id: 'adam-2', name: 'Adam' }
const zoe = { id: 'z) [é', name: 'Zoë [x] *y*' }
const none = new Map<string, string>()

describe('somebody is being mentioned', () => {
  it.each([
    ['@', 0, ''],
    ['hi @ad', 3, 'ad'],
    ['hi @ada lo', 3, 'ada lo'],
    ['(@a', 1, 'a'],
    ['one\n@a', 4, 'a'],
  ])('at the end of %j', (text, start, typed) => {
    expect(mentionAt(text, text.length)).toEqual({ start, typed })
  })

  it.each(['', 'hi', 'mail@a.example', '@a b c', '@@', '@a\nb'])('not at the end of %j', (text) => {
    expect(mentionAt(text, text.length)).toBeUndefined()
  })

  it('only before the caret', () => {
    expect(mentionAt('hi @ad and more', 6)).toEqual({ start: 3, typed: 'ad' })
    expect(mentionAt('hi @ad', 2)).toBeUndefined()
  })
})

describe('people', () => {
  it('match by the beginning of their name or of a word of it, whatever its case and accents', () => {
    expect(matchPeople([ada, adam, zoe], 'AD')).toEqual([ada, adam])
    expect(matchPeople([ada, adam, zoe], 'love')).toEqual([ada])
    expect(matchPeople([ada, adam, zoe], 'zoe')).toEqual([zoe])
    expect(matchPeople([ada], 'da')).toEqual([])
  })

  it('are those online and those who wrote, each once under the newest name, without me', () => {
    const renamed = { ...ada, name: 'Countess' }
    expect(mentionable([renamed], [zoe, ada, adam], 'adam-2')).toEqual([renamed, zoe])
  })
})

describe('a mention', () => {
  it('is stored with the id, and read back for an edit', () => {
    const stored = writeMentions('Hi @Ada Lovelace, and @Adam!', [ada, adam], none)
    expect(stored).toBe('Hi [@Ada Lovelace](user:ada-1), and [@Adam](user:adam-2)!')
    const { text, picked } = readMentions(stored)
    expect(text).toBe('Hi @Ada Lovelace, and @Adam!')
    expect(writeMentions(text, [], picked)).toBe(stored)
  })

  it('survives marks in a name and any id', () => {
    const stored = writeMentions('@Zoë [x] *y*', [zoe], none)
    expect(parseMarkdown(stored)).toEqual([
      { kind: 'paragraph', children: [{ kind: 'mention', id: zoe.id, name: zoe.name }] },
    ])
    expect(readMentions(stored).text).toBe('@Zoë [x] *y*')
  })

  it('is of the one who was picked where two have the same name, and of nobody where none was', () => {
    const other = { id: 'adam-3', name: 'Adam' }
    expect(writeMentions('@Adam', [adam, other], none)).toBe('@Adam')
    const picked = new Map([['Adam', 'adam-3']])
    expect(writeMentions('@Adam', [adam, other], picked)).toBe('[@Adam](user:adam-3)')
  })

  it.each(['`@Adam`', '```\n@Adam\n```', 'a@Adam', '@Adamant', '@adam'])('is not in %j', (text) => {
    expect(writeMentions(text, [adam], none)).toBe(text)
  })

  it.each(['https://a.example', 'user:', 'user:%', 'javascript:1'])(
    'is not what the address %j means',
    (url) => {
      expect(mentionedId(url)).toBeUndefined()
    },
  )
})
