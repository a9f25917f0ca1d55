import { describe, expect, test } from 'vitest'
import { Outbox } from './outbox.ts'

function outbox(
  laneSentMax = 1,
  sentMax = 8,
): Outbox<{ id: string; channel: string; bodyText: string }> {
  return new Outbox({ entriesMax: 4, laneSentMax, sentMax })
}

function filled(ids: string, bounds: Parameters<typeof outbox> = []): ReturnType<typeof outbox> {
  const box = outbox(...bounds)
  // `a1` is a publish in the channel `a`.
  for (const id of ids.split(' ')) box.add({ id, channel: id.slice(0, 1), bodyText: 'null' })
  return box
}

function taken(box: ReturnType<typeof outbox>, now = 0): string {
  return box
    .take(now)
    .map((entry) => entry.id)
    .join(' ')
}

describe('the outbox', () => {
  test('each channel sends its first, and its second when that is done', () => {
    const box = filled('a1 b1 a2')
    expect(taken(box)).toBe('a1 b1')
    expect(taken(box)).toBe('')
    box.remove('a1')
    expect(taken(box)).toBe('a2')
  })

  test('what waits to be sent again is not overtaken in its channel', () => {
    const box = filled('a1 a2 b1 b2')
    taken(box)
    box.retry('a1', 100, 'channel')
    box.remove('b1')
    expect(taken(box, 50)).toBe('b2')
    expect(box.wakeAt(50)).toBe(100)
    expect(taken(box, 100)).toBe('a1')
  })

  test('a pause of all holds every channel', () => {
    const box = filled('a1 b1')
    taken(box)
    box.remove('b1')
    box.add({ id: 'b2', channel: 'b', bodyText: 'null' })
    box.retry('a1', 100, 'all')
    expect(taken(box, 99)).toBe('')
    expect(taken(box, 100)).toBe('a1 b2')
  })

  test('after a loss, everything goes again in its order', () => {
    const box = filled('a1 b1 a2', [4])
    expect(taken(box)).toBe('a1 b1 a2')
    box.remove('b1')
    box.resend()
    expect(taken(box)).toBe('a1 a2')
    expect(box.triesOf('a1')).toBe(2)
  })

  test('no more are on their way than the bound allows', () => {
    const box = filled('a1 b1 c1', [1, 2])
    expect(taken(box)).toBe('a1 b1')
    box.remove('a1')
    expect(taken(box)).toBe('c1')
  })

  test('it is full at its bound, and not one before', () => {
    const box = filled('a1 a2 a3')
    expect(box.isFull).toBe(false)
    box.add({ id: 'a4', channel: 'a', bodyText: 'null' })
    expect(box.isFull).toBe(true)
    box.remove('a2')
    expect(box.isFull).toBe(false)
  })
})
