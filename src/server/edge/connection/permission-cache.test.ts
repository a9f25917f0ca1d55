import { describe, expect, test } from 'vitest'
import type { Identity, Permit } from '../../auth/auth.ts'
import { silentLog } from '../../log/log.ts'
import { FakeClock } from '../../runtime/testing/fake-clock.ts'
import { edgeTimes } from './edge-times.ts'
import { createPermissionCache } from './permission-cache.ts'

const ada: Identity = { user: { id: 'ada' } }

function setup(permit: Permit | undefined) {
  const clock = new FakeClock()
  return { clock, permission: createPermissionCache(permit, clock, silentLog) }
}

describe('a permission', () => {
  test('is believed for half a minute, and not longer', () => {
    let may = true
    let asked = 0
    const { clock, permission } = setup(() => {
      asked += 1
      return may
    })
    expect(permission.ask(ada, 'chat:a', 'read')).toBeUndefined()
    may = false
    clock.pass(edgeTimes.permitBelievedMs - 50)
    expect(permission.ask(ada, 'chat:a', 'read')).toBeUndefined()
    expect(asked).toBe(1)
    clock.pass(50)
    expect(permission.ask(ada, 'chat:a', 'read')).toMatchObject({ code: 'DENIED' })
  })

  test('that was cached is requested again after `forget` and by `askNow`', () => {
    let may = true
    const { permission } = setup(() => may)
    expect(permission.ask(ada, 'chat:a', 'read')).toBeUndefined()
    may = false
    expect(permission.askNow(ada, 'chat:a', 'read')).toMatchObject({ code: 'DENIED' })
    expect(permission.ask(ada, 'chat:a', 'read')).toMatchObject({ code: 'DENIED' })
    may = true
    permission.forget()
    expect(permission.ask(ada, 'chat:a', 'read')).toBeUndefined()
  })

  test('whose answer was on its way when all was forgotten is asked for again', async () => {
    const answers: PromiseWithResolvers<boolean>[] = []
    const { permission } = setup(() => {
      const one = Promise.withResolvers<boolean>()
      answers.push(one)
      return one.promise
    })
    const before = permission.generation
    const verdict = permission.ask(ada, 'chat:a', 'read')
    permission.forget()
    expect(permission.generation).not.toBe(before)
    answers[0]?.resolve(true)
    for (let turn = 0; answers.length < 2 && turn < 50; turn += 1) await Promise.resolve()
    answers[1]?.resolve(false)
    expect(await verdict).toMatchObject({ code: 'DENIED' })
  })

  test('is granted to everyone without a hook', () => {
    const { permission } = setup(undefined)
    permission.forget()
    expect(permission.ask(ada, 'chat:a', 'write')).toBeUndefined()
    expect(permission.askNow(ada, 'chat:a', 'write')).toBeUndefined()
  })
})
