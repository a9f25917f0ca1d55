import { expect, test } from 'vitest'
import { FakeClock } from '../../runtime/testing/fake-clock.ts'
import type { Transport } from '../../transport/transport.ts'
import { warnBefore } from '../connection/edge-times.ts'
import type { ClientAwareness } from './client-awareness.ts'
import { createConnectionTimers } from './connection-timers.ts'
import {
  createDocumentConnection,
  createDocumentSubscription,
  type DocumentSubscription,
} from './document-connection.ts'
import { documentTimes } from './document-edge-options.ts'
import type { DocumentOpener } from './open-document.ts'
import type { Refusals } from './refusals.ts'
import type { SubscriptionActions } from './subscription-context.ts'

const hourMs = 3_600_000
const tickMs = documentTimes.wheelTickMs

function setup({ permit = false } = {}) {
  const clock = new FakeClock()
  const ended: string[] = []
  const rechecked: DocumentSubscription[] = []
  let asked = 0
  const acts = {
    options: { clock, random: () => 0, permit: permit ? () => true : undefined },
    hub: { showPresence: () => undefined },
    close: (_socket: unknown, why: string) => void ended.push(`closed ${why}`),
    end(place: DocumentSubscription, why: string) {
      ended.push(`${place.document} ${why}`)
      place.state = 'ended'
      place.socket.places.delete(place.address ?? '')
    },
    say(_place: DocumentSubscription, bytes: Uint8Array) {
      // A token request has an empty body.
      if (bytes.length <= 2) asked += 1
    },
  }
  const entering = { recheck: (place: DocumentSubscription) => void rechecked.push(place) }
  const presence = { sayHeld: () => undefined }
  const refusals = { askAgain: () => undefined, dueMs: () => Number.POSITIVE_INFINITY }
  // The only parts of the others that a lifetime uses.
  const lifetime = createConnectionTimers(
    acts as unknown as SubscriptionActions,
    entering as DocumentOpener,
    presence as unknown as ClientAwareness,
    refusals as unknown as Refusals,
  )
  clock.every(tickMs, lifetime.turn)

  /** A reader's connection with one document, whose token expires after `endsInMs` milliseconds. */
  function open(document: string, endsInMs: number): DocumentSubscription {
    const transport = { ping: () => socket.pingedMs && undefined }
    const entry = {
      document,
      token: 't',
      user: undefined,
      vocabulary: undefined,
      session: undefined,
    }
    const socket = createDocumentConnection(
      1,
      transport as unknown as Transport,
      entry,
      clock.monotonicMs(),
    )
    const place = createDocumentSubscription(socket, document, document, 1)
    place.state = 'open'
    place.shown = true
    place.ownToken = true
    place.mayWrite = false
    place.warnBeforeMs = warnBefore(endsInMs, documentTimes.warnMs)
    place.identity = { user: { id: 'ada' }, expiresAt: clock.now() + endsInMs }
    socket.places.set(document, place)
    lifetime.greet(socket)
    return place
  }
  return { clock, ended, rechecked, open, asked: () => asked }
}

test('a reader’s document ends with its token, within a tick', () => {
  const { clock, ended, open } = setup()
  open('notes', 9_000)
  clock.pass(9_000 - tickMs)
  expect(ended).toEqual([])
  clock.pass(2 * tickMs)
  expect(ended).toEqual(['notes TOKEN_EXPIRED'])
})

test('a wall clock that is set ahead closes at once the documents whose tokens have expired', () => {
  const { clock, ended, open } = setup()
  open('short', hourMs / 2)
  open('long', 2 * hourMs)
  clock.pass(1_000)
  clock.setWall(hourMs)
  clock.pass(tickMs)
  expect(ended).toEqual(['short TOKEN_EXPIRED'])
})

test('a wall clock that is set ahead requests a new token at once if the old one expires soon', () => {
  const { clock, ended, open, asked } = setup()
  open('notes', hourMs + documentTimes.warnMs / 2)
  clock.setWall(hourMs)
  clock.pass(tickMs)
  expect([ended, asked()]).toEqual([[], 1])
})

test('a wall clock that is set back ends nothing early', () => {
  const { clock, ended, open, asked } = setup()
  const place = open('notes', 5_000)
  clock.pass(2_500 + tickMs)
  expect(asked()).toBe(1)
  clock.setWall(-hourMs)
  clock.pass(5_000)
  expect([ended, place.warned]).toEqual([[], false])
})

test('permissions are checked every half minute, also after the wall clock was set', () => {
  const { clock, rechecked, open } = setup({ permit: true })
  const place = open('notes', 10 * hourMs)
  clock.setWall(-hourMs)
  clock.pass(documentTimes.recheckMs + 2 * tickMs)
  expect(rechecked).toEqual([place])
})
