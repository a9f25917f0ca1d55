import { expect, test } from 'vitest'
import { eachStamp, stampedText } from './stamp.ts'

test('every message of a frame gives its stamp back', () => {
  const event = (atUs: number): object => ({
    type: 'event',
    body: { text: stampedText(atUs, 'a') },
  })
  const stamps: number[] = []
  const frame = Buffer.from(JSON.stringify([event(12), event(3_000_000_000_000)]))
  expect(eachStamp(frame, (stampUs) => void stamps.push(stampUs))).toBe(2)
  expect(stamps).toEqual([12, 3_000_000_000_000])
})

test('what carries no stamp counts for nothing', () => {
  const frame = Buffer.from('[{"type":"event","body":{"text":"twelve @12"}}]')
  expect(eachStamp(frame, () => expect.unreachable())).toBe(0)
})
