import { describe, expect, test } from 'vitest'
import { ClientError } from './client-error.ts'
import { failedMax, PendingList } from './pending-list.ts'

const at = (offset: number, epoch = 'e') => ({ epoch, offset })

function listOf(...ids: string[]): PendingList {
  const list = new PendingList()
  for (const id of ids) list.add(id, id)
  return list
}

function shown(list: PendingList): string {
  return list.view.map(({ id, state }) => `${id} ${state}`).join(', ')
}

describe('the pending list', () => {
  test('an acknowledged publish is shown until its event has come', () => {
    const list = listOf('m1')
    list.mark('m1', 'sent')
    list.acknowledge('m1', at(7), at(5))
    list.pass(at(6))
    expect(shown(list)).toBe('m1 sent')
    list.pass(at(7))
    expect(shown(list)).toBe('')
  })

  test('a publish of an earlier visit is shown where it will be sent: before what waits', () => {
    const list = listOf('sent', 'failed', 'new1', 'new2')
    list.mark('sent', 'sent')
    list.fail('failed', new ClientError('DENIED', 'no'))
    for (const id of ['old1', 'old2']) list.restore({ id, channel: 'chat:a', bodyText: '1' })
    expect(list.view.map(({ id }) => id).join()).toBe('sent,failed,old1,old2,new1,new2')
    list.mark('new1', 'sent')
    list.mark('old1', 'sent')
    list.restore({ id: 'old3', channel: 'chat:a', bodyText: '1' })
    expect(list.view.map(({ id }) => id).join()).toBe('sent,failed,old1,old2,new1,old3,new2')
  })

  test('an acknowledgement after the event finds nothing to show', () => {
    const list = listOf('m1')
    list.remove('m1')
    list.acknowledge('m1', at(7), at(7))
    expect(shown(list)).toBe('')
  })

  test('an acknowledgement whose event was passed already ends it', () => {
    const list = listOf('m1')
    list.acknowledge('m1', at(7), at(9))
    expect(shown(list)).toBe('')
  })

  test('an acknowledgement before a first join waits for that', () => {
    const list = listOf('m1')
    list.acknowledge('m1', at(7), undefined)
    expect(shown(list)).toBe('m1 queued')
    list.pass(at(8))
    expect(shown(list)).toBe('')
  })

  test('an acknowledgement of another log waits for no event', () => {
    const list = listOf('m1')
    list.acknowledge('m1', at(7), at(5))
    list.pass(at(0, 'f'))
    expect(shown(list)).toBe('')
  })

  test('a failed publish is taken out once, to be sent again', () => {
    const list = listOf('m1')
    expect(list.takeFailed('m1')).toBeUndefined()
    list.fail('m1', new ClientError('DENIED', 'no'))
    expect(shown(list)).toBe('m1 failed')
    expect(list.takeFailed('m1')).toMatchObject({ body: 'm1' })
    expect(list.takeFailed('m1')).toBeUndefined()
  })

  test('beyond the bound, the oldest failure is forgotten', () => {
    const ids = Array.from({ length: failedMax + 1 }, (_, index) => `m${index}`)
    const list = listOf(...ids)
    for (const id of ids) list.fail(id, new ClientError('DENIED', 'no'))
    expect(list.view.length).toBe(failedMax)
    expect(list.view[0]?.id).toBe('m1')
  })

  test('the view is the same until something changes', () => {
    const list = listOf('m1')
    const before = list.view
    list.mark('m1', 'queued')
    expect(list.view).toBe(before)
    list.mark('m1', 'sent')
    expect(list.view).not.toBe(before)
  })
})
