import { afterEach, describe, expect, test, vi } from 'vitest'
import { Listeners } from './listeners.ts'

describe('listeners', () => {
  afterEach(() => vi.unstubAllGlobals())

  test('one that throws is reported and does not keep the others from hearing', () => {
    const reported = vi.fn()
    vi.stubGlobal('reportError', reported)
    const listeners = new Listeners<[number]>()
    const failure = new Error('a bug in a listener')
    const heard: number[] = []
    listeners.add(() => {
      throw failure
    })
    listeners.add((value) => heard.push(value))
    listeners.emit(1)
    expect(heard).toEqual([1])
    expect(reported).toHaveBeenCalledExactlyOnceWith(failure)
  })

  test('a function added twice is called twice and removed one at a time', () => {
    const listeners = new Listeners()
    const listener = vi.fn()
    const remove = listeners.add(listener)
    listeners.add(listener)
    listeners.emit()
    expect(listener).toHaveBeenCalledTimes(2)
    remove()
    remove()
    listeners.emit()
    expect(listener).toHaveBeenCalledTimes(3)
  })
})
