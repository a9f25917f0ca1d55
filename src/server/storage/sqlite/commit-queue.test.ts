import { expect, test } from 'vitest'
import type { Appended } from '../storage.ts'
import { createCommitQueue, type Item } from './commit-queue.ts'
import { FaultError } from './fault.ts'

const limits = { commitItemsMax: 4, commitCharsMax: 100, waitingItemsMax: 10 }

const event = (payload: string): Item => ({ kind: 'event', channel: 'chat:a', payload })
const payloadsOf = (items: readonly Item[]) =>
  items.map((item) => (item.kind === 'probe' ? 'probe' : String(item.payload)))

/** A queue over commits that the test ends one by one. */
function openQueue() {
  const commits: {
    readonly payloads: readonly string[]
    succeed(): Promise<void>
    fail(code: string, final?: boolean): Promise<void>
  }[] = []
  let offset = 0
  const queue = createCommitQueue({
    limits,
    commit: (items) =>
      new Promise<readonly Appended[]>((resolve, reject) => {
        commits.push({
          payloads: payloadsOf(items),
          succeed: () => {
            resolve(
              items.map(() => {
                offset += 1
                return { kind: 'appended', offset }
              }),
            )
            return settled()
          },
          fail: (code, final = false) => {
            reject(new FaultError({ code, message: code, final }))
            return settled()
          },
        })
      }),
  })
  return { queue, commits }
}

/** All that can happen without the outside has happened. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

test('what comes during a commit goes into the next one together, each call with its own results', async () => {
  const { queue, commits } = openQueue()
  const first = queue.append([event('1')])
  await settled()
  const second = queue.append([event('2'), event('3')])
  const third = queue.append([event('4')])
  expect(commits.map(({ payloads }) => payloads)).toEqual([['1']])
  await commits[0]?.succeed()
  expect(commits[1]?.payloads).toEqual(['2', '3', '4'])
  await commits[1]?.succeed()
  expect(await first).toEqual([{ kind: 'appended', offset: 1 }])
  expect(await second).toEqual([
    { kind: 'appended', offset: 2 },
    { kind: 'appended', offset: 3 },
  ])
  expect(await third).toEqual([{ kind: 'appended', offset: 4 }])
})

test('a commit gathers up to its limits of items and characters, and a call is never divided', async () => {
  const { queue, commits } = openQueue()
  const calls = [['1', '2', '3'], ['4', '5'], ['6'.repeat(60)], ['7'.repeat(60)], ['8'.repeat(200)]]
  const asked = calls.map((payloads) => queue.append(payloads.map(event)))
  const committed = (async () => {
    for (let at = 0; at < 4; at += 1) {
      await settled()
      await commits[at]?.succeed()
    }
  })()
  await Promise.all([...asked, committed])
  expect(commits.map(({ payloads }) => payloads.map((payload) => payload[0]))).toEqual([
    ['1', '2', '3'],
    ['4', '5', '6'],
    ['7'],
    ['8'],
  ])
})

test('beyond its limit of waiting items it takes no more, and nothing of those is written', async () => {
  const { queue, commits } = openQueue()
  const taken = Array.from({ length: 10 }, (_, n) => queue.append([event(String(n))]))
  await expect(queue.append([event('x')])).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  for (let at = 0; at < 3; at += 1) {
    await settled()
    await commits[at]?.succeed()
  }
  expect(await Promise.all(taken)).toHaveLength(10)
  expect(commits.flatMap(({ payloads }) => payloads)).not.toContain('x')
})

test('a full disk refuses a whole commit, and the next one is tried', async () => {
  const { queue, commits } = openQueue()
  const refused = [queue.append([event('1')]), queue.append([event('2')])]
  const rejections = Promise.allSettled(refused)
  await settled()
  await commits[0]?.fail('STORAGE_FULL')
  expect((await rejections).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const next = queue.append([event('3')])
  await settled()
  await commits[1]?.succeed()
  expect(await next).toHaveLength(1)
})

test('after an unknown outcome nothing more is committed: what waited was not written', async () => {
  const { queue, commits } = openQueue()
  const unknown = expect(queue.append([event('1')])).rejects.toMatchObject({
    code: 'STORAGE_UNKNOWN',
  })
  await settled()
  const waited = expect(queue.append([event('2')])).rejects.toMatchObject({
    code: 'STORAGE_UNAVAILABLE',
  })
  await commits[0]?.fail('STORAGE_UNKNOWN', true)
  await unknown
  await waited
  await expect(queue.append([event('3')])).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  expect(commits).toHaveLength(1)
  await queue.drained()
})

test('damage to one channel fails the call that met it, not those it was gathered with', async () => {
  const { queue, commits } = openQueue()
  const calls = ['1', 'damaged', '3'].map((payload) => queue.append([event(payload)]))
  const outcomes = Promise.allSettled(calls)
  await settled()
  expect(commits[0]?.payloads).toEqual(['1', 'damaged', '3'])
  await commits[0]?.fail('STORAGE_CORRUPT')
  for (let at = 1; at <= 3; at += 1) {
    const commit = commits[at]
    if (commit?.payloads[0] === 'damaged') await commit.fail('STORAGE_CORRUPT')
    else await commit?.succeed()
  }
  expect((await outcomes).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
  ])
  expect(commits.map(({ payloads }) => payloads.length)).toEqual([3, 1, 1, 1])
})
