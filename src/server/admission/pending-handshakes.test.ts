import { expect, test } from 'vitest'
import type { Identity } from '../auth/auth.ts'
import type { Refused } from '../auth/check-identity.ts'
import type { ToCore } from '../link/link.ts'
import { createPendingHandshakes } from './pending-handshakes.ts'

const ada: Identity = { user: { id: 'ada' } }
const join: ToCore = { kind: 'join', call: 1, user: { id: 'ada' }, channels: [] }

test('a token that is looked at is one in hand, until it is known or could not be', async () => {
  const refused: Refused = { refused: 'expired', message: 'the token was refused' }
  const asked: PromiseWithResolvers<Identity | Refused>[] = []
  const identify = (): Promise<Identity | Refused> => {
    const one = Promise.withResolvers<Identity | Refused>()
    asked.push(one)
    return one.promise
  }
  const handshakes = createPendingHandshakes({ identify }, { send: () => undefined })
  const answers = [1, 2, 3].map(() => handshakes.auth.identify({}))
  expect(handshakes.now).toBe(3)
  asked[0]?.resolve(ada)
  asked[1]?.resolve(refused)
  asked[2]?.reject(new Error('the key set is away'))
  expect(await answers[0]).toBe(ada)
  expect(await answers[1]).toBe(refused)
  await expect(answers[2]).rejects.toThrow('the key set is away')
  expect([handshakes.now, handshakes.done]).toEqual([0, 3])
})

test('a join is one in hand until the core has answered it, and nothing else is', () => {
  const sent: ToCore[] = []
  const auth = { identify: () => Promise.resolve(ada) }
  const handshakes = createPendingHandshakes(auth, { send: (message) => void sent.push(message) })
  handshakes.core.send(join)
  handshakes.core.send({ kind: 'ready', call: 2 })
  handshakes.core.send({ ...join, call: 3 })
  expect(sent).toHaveLength(3)
  expect(handshakes.now).toBe(2)
  handshakes.answered({ kind: 'seen' })
  expect(handshakes.now).toBe(2)
  handshakes.answered({ kind: 'joined', channels: [] })
  handshakes.answered({ kind: 'joined', channels: [] })
  expect([handshakes.now, handshakes.done]).toEqual([0, 2])
})
