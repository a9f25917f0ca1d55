import { describe, expect, it } from 'vitest'
import { type ProcessReading, type ProcReading, secondOf } from './proc-reading.ts'

const process = (pid: number, ticks: readonly number[], more: Partial<ProcessReading> = {}) => ({
  pid,
  ticks: ticks.reduce((sum, count) => sum + count, 0),
  threadTicks: new Map(ticks.map((count, index) => [pid + index, count])),
  rssPages: 1_000,
  ...more,
})
const reading = (atMs: number, more: Partial<ProcReading> = {}): ProcReading => ({
  atMs,
  processes: [],
  tcpExt: {},
  ...more,
})

describe('secondOf', () => {
  it('adds up all processes and tells the busiest thread apart', () => {
    const before = reading(0, { processes: [process(10, [100, 20]), process(20, [50])] })
    const after = reading(2_000, { processes: [process(10, [290, 40]), process(20, [90])] })
    const second = secondOf(before, before, after, 4_096)
    expect(second.cpu).toBeCloseTo(1.25)
    expect(second.busiestThread).toBeCloseTo(0.95)
    expect(second.rssBytes).toBe(2_000 * 4_096)
  })

  it('has no rates without a last reading, and none of a machine whose processes cannot be seen', () => {
    const now = reading(1_000, { processes: [process(10, [100])] })
    expect(secondOf(now, undefined, now, 4_096)).toEqual({ rssBytes: 4_096_000 })
    expect(secondOf(now, now, reading(2_000), 4_096)).toEqual({})
  })

  it('counts the time of a process that came and survives one that went', () => {
    const before = reading(0, { processes: [process(10, [500])] })
    const after = reading(1_000, { processes: [process(11, [30])] })
    expect(secondOf(before, before, after, 4_096).cpu).toBeCloseTo(0.3)
  })

  it('tells the descriptors of all, and how many the tightest process has left', () => {
    const now = reading(0, {
      processes: [
        process(10, [0], { descriptors: 900, descriptorsMax: 1_024 }),
        process(20, [0], { descriptors: 5, descriptorsMax: 65_536 }),
      ],
    })
    const second = secondOf(now, undefined, now, 4_096)
    expect(second.descriptors).toBe(905)
    expect(second.descriptorsLeft).toBe(124)
  })

  it('gives growth of the telling counters since the first reading, and no others', () => {
    const first = reading(0, { tcpExt: { ListenOverflows: 10, DelayedACKs: 5 } })
    const now = reading(9_000, { tcpExt: { ListenOverflows: 3_213, DelayedACKs: 99 } })
    expect(secondOf(first, first, now, 4_096).counters).toEqual({ ListenOverflows: 3_203 })
  })

  it('counts no socket that was there before the run, and none below zero', () => {
    const first = reading(0, { established: 3 })
    const kernelOf = (established: number) =>
      secondOf(first, first, reading(1_000, { established }), 4_096).kernel
    expect([3, 53, 1].map(kernelOf)).toEqual([0, 50, 0])
  })

  it('turns pages of TCP memory into bytes', () => {
    const sockets = { inUse: 4, timeWait: 0, orphans: 0, memoryPages: 3 }
    const now = reading(0, { sockets, slabBytes: 7, established: 2, databaseBytes: 9 })
    expect(secondOf(reading(0, {}), undefined, now, 16_384)).toEqual({
      kernel: 2,
      tcpMemoryBytes: 49_152,
      slabBytes: 7,
      databaseBytes: 9,
    })
  })
})
