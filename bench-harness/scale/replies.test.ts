import { expect, test } from 'vitest'
import { eachReply } from './replies.ts'

test('every reply of a frame is found by its ref, and a refusal is told', () => {
  const frame = Buffer.from(
    JSON.stringify([
      { type: 'reply', ref: 7, ok: { offset: 1 } },
      { type: 'event', offset: 9 },
      { type: 'reply', ref: 81, error: { code: 'BUSY' } },
    ]),
  )
  const replies: [number, boolean][] = []
  eachReply(frame, (ref, refused) => void replies.push([ref, refused]))
  expect(replies).toEqual([
    [7, false],
    [81, true],
  ])
})

test('a frame without a reply has none', () => {
  eachReply(Buffer.from('{"type":"ping"}'), () => expect.unreachable())
})
