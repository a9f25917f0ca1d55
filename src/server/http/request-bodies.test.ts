import { expect, test } from 'vitest'
import type { RequestRefused } from './refusal.ts'
import { type BodyLimits, type OpenBody, RequestBodies } from './request-bodies.ts'

const kibibyte = 1024

function start(limits: Partial<BodyLimits> = {}) {
  const bodies = new RequestBodies({
    httpBodiesBytesMax: 200 * kibibyte,
    httpBodiesMax: 4,
    httpUserBodiesMax: 3,
    httpBodyStalledMs: 3_000,
    documentFrameBytesMax: 50 * kibibyte,
    ...limits,
  })
  const ended: string[] = []
  const open = (who: string, name: string): OpenBody => {
    const body = bodies.open(who, ({ status }: RequestRefused) => {
      ended.push(`${name} ${status}`)
      body.release()
    })
    return body
  }
  return { bodies, ended, open, look: (times: number) => repeat(times, () => bodies.look()) }
}

function repeat(times: number, act: () => void): void {
  for (let done = 0; done < times; done += 1) act()
}

test('a body without a new byte for the stalled time is ended with 408, one that progresses is not', () => {
  const { bodies, ended, open, look } = start()
  open('ann', 'stalled').take(1)
  const moving = open('ann', 'moving')
  repeat(4, () => {
    moving.take(1_024)
    look(1)
  })
  expect(ended).toEqual(['stalled 408'])
  expect(bodies.held).toBe(4 * kibibyte)
  moving.release()
  moving.release()
  expect(bodies.held).toBe(0)
})

test('a body of a byte a second is ended with 408 when the stalled time is over', () => {
  const { ended, open, look } = start()
  const drip = open('ann', 'drip')
  repeat(3, () => {
    drip.take(1)
    look(1)
  })
  expect(ended).toEqual([])
  drip.take(1)
  look(1)
  expect(ended).toEqual(['drip 408'])
})

test('a complete body is not ended, however long it is held', () => {
  const { ended, open, look } = start()
  open('ann', 'complete').complete()
  look(10)
  expect(ended).toEqual([])
})

test('one user cannot open all bodies, and the silent one of the same user makes room', () => {
  const { ended, open, look } = start()
  for (const name of ['a', 'b', 'c']) open('ann', name)
  expect(() => open('ann', 'd')).toThrow('too many request bodies')
  open('bob', 'e').complete()
  look(1)
  open('ann', 'f')
  expect(ended).toEqual(['a 408'])
})

test('where all are open, the longest silent of anybody makes room', () => {
  const { ended, open, look } = start()
  for (const name of ['a', 'b', 'c']) open('ann', name)
  open('bob', 'd')
  expect(() => open('cid', 'e')).toThrow('too many request bodies')
  look(1)
  open('cid', 'f')
  expect(ended).toEqual(['a 408'])
})

test('large bodies leave room for small ones of anybody, and for large ones of others', () => {
  const { open } = start()
  const large = open('ann', 'large')
  expect(large.take(16 * kibibyte + 100 * kibibyte)).toBe(true)
  expect(large.take(1)).toBe(false)
  expect(open('ann', 'small').take(16 * kibibyte)).toBe(true)
  expect(open('bob', 'other').take(16 * kibibyte + 100 * kibibyte)).toBe(true)
  expect(open('cid', 'small').take(16 * kibibyte)).toBe(true)
})
