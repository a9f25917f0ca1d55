import { expect, test } from 'vitest'
import { noCounters } from '../control/messages.ts'
import { messagesText } from './messages-text.ts'

test('a run that sent nothing has nothing to say of messages', () => {
  expect(messagesText(noCounters)).toBe('')
})

test('the text has what was sent, acknowledged and delivered, and no fault if there was none', () => {
  const counters = { ...noCounters, sent: 2_601, acknowledged: 2_601, delivered: 26_010 }
  expect(messagesText(counters)).toBe('2,601 sent, 2,601 acknowledged, 26,010 delivered')
})

test('the text has what stayed unanswered and undelivered', () => {
  const counters = { ...noCounters, sent: 4_007, acknowledged: 1_230, unanswered: 2_777 }
  expect(messagesText({ ...counters, delivered: 12_300, undelivered: 40 })).toBe(
    '4,007 sent, 1,230 acknowledged, 2,777 unanswered, 12,300 delivered, 40 not delivered',
  )
})

test('the text has 0 acknowledged, unless the kind of server never acknowledges', () => {
  expect(messagesText({ ...noCounters, sent: 9, unanswered: 9 })).toBe(
    '9 sent, 0 acknowledged, 9 unanswered',
  )
  expect(messagesText({ ...noCounters, sent: 9, delivered: 45 })).toBe('9 sent, 45 delivered')
})

test('the text has messages that were due while no session was ready', () => {
  expect(messagesText({ ...noCounters, unsent: 60 })).toBe(
    '0 sent, 60 not sent, as no session was ready',
  )
})
