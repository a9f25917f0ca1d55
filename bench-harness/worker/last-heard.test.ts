import { describe, expect, test } from 'vitest'
import { Connection } from './connection.ts'
import { createConnectionList } from './connection-list.ts'
import { createLastHeard } from './last-heard.ts'

const destination = {
  host: '127.0.0.1',
  port: 1,
  request: { bytesFor: () => Buffer.alloc(0), accept: '' },
}
const connection = (session: number): Connection => new Connection(session, 0, destination, 0)

describe('last heard', () => {
  function crowd() {
    let nowMs = 100_000
    const heard = createLastHeard(() => nowMs)
    const [one, other] = [connection(1), connection(2)]
    heard.enter(one)
    heard.enter(other)
    const wait = (seconds: number): void => {
      nowMs += seconds * 1_000
    }
    return { heard, one, other, wait }
  }

  test('counts those that were heard within some seconds', () => {
    const { heard, one, wait } = crowd()
    wait(10)
    heard.heard(one)
    expect(heard.within(9)).toBe(1)
    expect(heard.within(10)).toBe(2)
  })

  test('says that somebody is silent only while somebody is', () => {
    const { heard, one, other, wait } = crowd()
    wait(10)
    expect(heard.isAnySilent(10)).toBe(false)
    expect(heard.isAnySilent(9)).toBe(true)
    heard.heard(one)
    expect(heard.isAnySilent(9)).toBe(true)
    heard.heard(other)
    expect(heard.isAnySilent(9)).toBe(false)
  })

  test('forgets one that left, and who comes twice in a second counts once', () => {
    const { heard, one, other, wait } = crowd()
    wait(1)
    heard.heard(one)
    heard.heard(one)
    expect(heard.within(60)).toBe(2)
    heard.leave(one)
    heard.leave(other)
    expect(heard.within(60)).toBe(0)
    expect(heard.isAnySilent(0)).toBe(false)
  })
})

describe('a list of connections', () => {
  test('holds each until it is deleted, whatever the order', () => {
    const list = createConnectionList('readyPlace')
    const all = Array.from({ length: 5 }, (_, no) => connection(no))
    for (const one of all) list.add(one)
    const [first, , third, , last] = all
    for (const one of [third, last, first]) {
      expect(one !== undefined && list.delete(one)).toBe(true)
      expect(one !== undefined && list.delete(one)).toBe(false)
    }
    expect(list.all.map(({ session }) => session).sort()).toEqual([1, 3])
    expect(all.filter(list.has).map(({ session }) => session)).toEqual([1, 3])
  })

  test('is no place for one that stands in another list', () => {
    const lists = [createConnectionList('readyPlace'), createConnectionList('poolPlace')] as const
    const one = connection(1)
    lists[0].add(one)
    expect(lists[1].has(one)).toBe(false)
    expect(lists[1].delete(one)).toBe(false)
  })
})
