import { expect, expectTypeOf, test } from 'vitest'
import type { ChannelEvent, HistoryReply, User } from './index.ts'

interface Said {
  readonly text: string
}

test('after "body" in event the body, the user and the time are there', () => {
  const texts = (events: readonly ChannelEvent<Said>[]) =>
    events.map((event) => {
      if (!('body' in event)) return `${event.offset} erased`
      expectTypeOf(event.body).toEqualTypeOf<Said>()
      expectTypeOf(event.user).toEqualTypeOf<User>()
      expectTypeOf(event.at).toEqualTypeOf<number>()
      return event.body.text
    })
  const erased = { type: 'event', channel: 'chat:a', offset: 1, erased: true } as const
  const said = { type: 'event', channel: 'chat:a', offset: 2, at: 5, user: { id: 'ada' } } as const
  expect(texts([erased, { ...said, body: { text: 'hi' } }])).toEqual(['1 erased', 'hi'])
})

test('events of a page of history are told apart in the same way', () => {
  const first = ({ events: [event] }: HistoryReply) => {
    if (event === undefined || !('body' in event)) return undefined
    expectTypeOf(event.body).not.toBeUndefined()
    return event.body
  }
  const position = { epoch: 'e', offset: 0 }
  expect(first({ position, begin: 1, events: [], more: false })).toBeUndefined()
})
