import { expect, test } from 'vitest'
import { appEvent, eventText } from './event-text.ts'

test('bytes where a channel keeps text are refused, and name their offset', () => {
  const stored = { offset: 7, payload: new TextEncoder().encode('{"at":1}') }
  const refusal = expect.objectContaining({
    code: 'STORAGE_CORRUPT',
    message: expect.stringContaining('offset 7'),
  })
  expect(() => eventText('chat:a', stored)).toThrow(refusal)
  expect(() => appEvent(stored)).toThrow(refusal)
})
