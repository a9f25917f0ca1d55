import { describe, expect, test } from 'vitest'
import { noCounters } from '../control/messages.ts'
import { createRunHistory, judgeHistory, type RunHistory } from './history.ts'

const channel = 'chat:room'
const log = { channel, events: [1, 2].map((offset) => ({ offset, id: `m${offset}` })) }

/** Three sessions that were given the same, up to an offset of two. */
function heard(upTo: number): RunHistory {
  const history = createRunHistory()
  const events = log.events.filter(({ offset }) => offset <= upTo)
  const about = { name: 'session 1', channel, others: 2 }
  history.add(
    {
      attempts: log.events.map(({ offset, id }) => ({
        channel,
        id,
        invokedMs: offset * 10,
        outcome: { kind: 'ok', offset, atMs: offset * 10 + 1 },
      })),
      subscriptions: [
        {
          ...about,
          steps: [
            { kind: 'start', after: 0 },
            ...events.map((event) => ({ kind: 'event' as const, ...event })),
          ],
        },
      ],
      ends: [{ ...about, last: upTo, live: true }],
    },
    undefined,
  )
  return history
}

function judged(history: RunHistory) {
  const counters = { ...noCounters, sent: 2, acknowledged: 2, delivered: 6 }
  const logs = new Map([[channel, log]])
  return judgeHistory(history, counters, { whole: true, logs, faults: [], logged: true })
}

describe('a history', () => {
  test('sessions that heard everything pass as one', () => {
    expect(judged(heard(2))).toMatchObject({ checked: 'full', lost: 0, gaps: 0, faults: [] })
  })

  test('what several missed counts for each of them', () => {
    expect(judged(heard(1))).toMatchObject({ checked: 'full', gaps: 3 })
  })
})
