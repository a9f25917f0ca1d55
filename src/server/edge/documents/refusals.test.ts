import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../../protocol/index.ts'
import type { DocumentAnswer } from '../../link/document-messages.ts'
import type { Transport } from '../../transport/transport.ts'
import {
  createDocumentConnection,
  createDocumentSubscription,
  type DocumentSubscription,
} from './document-connection.ts'
import { Refusals } from './refusals.ts'
import type { SubscriptionActions } from './subscription-context.ts'

const entry = {
  document: 'd',
  token: undefined,
  user: undefined,
  vocabulary: undefined,
  session: undefined,
}
/** State vectors: nothing, and one struct of client 7. */
const nothing = Uint8Array.of(0)
const something = Uint8Array.of(1, 7, 1)

function start() {
  let nowMs = 0
  const said: Uint8Array[] = []
  const ended: string[] = []
  let asked = 0
  const answer = { kind: 'page', updates: [], more: false, stateVector: nothing }
  const acts = {
    options: { limits: defaultLimits, clock: { monotonicMs: () => nowMs } },
    say: (_place: DocumentSubscription, bytes: Uint8Array) => void said.push(bytes),
    ask(_question: unknown, take: (answer: DocumentAnswer) => void) {
      asked += 1
      take(answer as unknown as DocumentAnswer)
    },
    end: (_place: DocumentSubscription, why: string) => void ended.push(why),
    rearm: () => undefined,
  } as unknown as SubscriptionActions
  const refusals = new Refusals(acts)
  let made = 0
  return {
    refusals,
    said,
    ended,
    asked: () => asked,
    wait(ms: number): void {
      nowMs += ms
    },
    now: () => nowMs,
    open(address: string | undefined): DocumentSubscription {
      made += 1
      const socket = createDocumentConnection(made, {} as Transport, entry, 0, '10.0.0.1')
      socket.family = address === undefined ? 'y-websocket' : 'hocuspocus'
      const place = createDocumentSubscription(socket, address, 'd', made)
      place.state = 'open'
      place.stateVector = something
      return place
    },
  }
}

describe('a refused change', () => {
  test('sends a y-websocket client away once, and keeps it when it comes back with the change', () => {
    const { refusals, ended, open, asked, wait, now } = start()
    refusals.refused(open(undefined), 'update', 'DOCUMENT_FULL')
    expect(ended).toEqual(['UPDATE_REFUSED'])
    const again = open(undefined)
    expect(refusals.holdsBack(again, nothing)).toBe(true)
    wait(4_999)
    refusals.askAgain(again, now())
    expect(asked()).toBe(0)
    wait(1)
    refusals.askAgain(again, now())
    expect(asked()).toBe(1)
    refusals.refused(again, 'step 2', 'DOCUMENT_FULL')
    expect(ended).toHaveLength(1)
    wait(9_999)
    refusals.askAgain(again, now())
    expect(asked()).toBe(1)
  })

  test('does not hold back a client that has only what the document has', () => {
    const { refusals, open } = start()
    refusals.refused(open(undefined), 'update', 'DOCUMENT_FULL')
    expect(refusals.holdsBack(open(undefined), something)).toBe(false)
    expect(refusals.holdsBack(open('d'), nothing)).toBe(false)
  })

  test('is asked for again by itself where it may be taken later, and otherwise when its client writes', () => {
    const { refusals, open, asked, wait, now, ended } = start()
    const damaged = open('d')
    refusals.refused(damaged, 'update', 'BAD_UPDATE')
    const unlucky = open(undefined)
    refusals.refused(unlucky, 'update', 'UNAVAILABLE')
    expect(ended).toEqual([])
    wait(60_000)
    refusals.askAgain(damaged, now())
    expect(asked()).toBe(0)
    refusals.askAgain(unlucky, now())
    expect(asked()).toBe(1)
    expect(refusals.follows(damaged)).toBe(true)
    expect(asked()).toBe(2)
    expect(refusals.follows(damaged)).toBe(true)
    expect(asked()).toBe(2)
  })

  test('is acknowledged as often as its client counts, once everything was taken', () => {
    const { refusals, open } = start()
    const place = open('d')
    expect(refusals.follows(place)).toBe(false)
    refusals.refused(place, 'update', 'DOCUMENT_FULL')
    refusals.follows(place)
    refusals.follows(place)
    expect(refusals.accepted(place)).toBe(3)
    expect(place.refusal).toBeUndefined()
    expect(refusals.accepted(place)).toBe(0)
  })
})
