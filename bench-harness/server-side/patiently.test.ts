import { expect, test, vi } from 'vitest'
import { patiently } from './patiently.ts'

function slow() {
  const asked: ReturnType<typeof Promise.withResolvers<string>>[] = []
  const patient = patiently((_question: string) => {
    const reply = Promise.withResolvers<string>()
    asked.push(reply)
    return reply.promise
  }, 500)
  return { asked, patient }
}

test('a reply that comes in time is given', async () => {
  const { asked, patient } = slow()
  const first = patient.now('a')
  asked[0]?.resolve('one')
  expect(await first).toBe('one')
  expect(patient.isUnderWay()).toBe(false)
})

test('a reply that comes late is given to the next, who asks nothing', async () => {
  vi.useFakeTimers()
  try {
    const { asked, patient } = slow()
    const first = patient.now('a')
    await vi.advanceTimersByTimeAsync(500)
    expect(await first).toBeUndefined()
    asked[0]?.resolve('late')
    expect(patient.isUnderWay()).toBe(true)
    expect(await patient.now('b')).toBe('late')
    expect(asked).toHaveLength(1)
    void patient.now('c')
    expect(asked).toHaveLength(2)
  } finally {
    vi.useRealTimers()
  }
})

test('a failure that comes late is told to the next, and is no unhandled one', async () => {
  vi.useFakeTimers()
  try {
    const { asked, patient } = slow()
    const first = patient.now('a')
    await vi.advanceTimersByTimeAsync(500)
    await first
    asked[0]?.reject(new Error('gone'))
    await vi.advanceTimersByTimeAsync(1)
    await expect(patient.now('b')).rejects.toThrow('gone')
    expect(patient.isUnderWay()).toBe(false)
  } finally {
    vi.useRealTimers()
  }
})
