import { describe, expect, it } from 'vitest'
import type { WorkerHealth } from '../control/messages.ts'
import { defaultHealth } from '../plan/plan.ts'
import { noiseOf, overloadsOf } from './generator-health.ts'

const well: WorkerHealth = {
  loopUse: 0.2,
  loopDelayP99Ms: 1,
  loopDelayMaxMs: 2,
  lagP99Ms: 0.4,
  cpu: 0.2,
  gcMs: 0,
  rssBytes: 50e6,
  descriptors: 100,
  descriptorsMax: 1_024,
}

const tick = (worker: number, health: Partial<WorkerHealth>, host = 'box2') => ({
  host,
  worker,
  health: { ...well, ...health },
})

describe('overloadsOf', () => {
  it('finds nothing when all workers sent in time, however busy they and their host were', () => {
    const busy = { loopUse: 0.99, steal: 0.5, pressure: 97, lagP99Ms: 40 }
    expect(overloadsOf([tick(0, {}), tick(1, busy)], defaultHealth)).toEqual([])
  })

  it('says how late a worker sent', () => {
    expect(overloadsOf([tick(0, {}), tick(1, { lagP99Ms: 731 })], defaultHealth)).toEqual([
      'box2 worker 1: sent 731 ms late (p99)',
    ])
  })

  it('takes a figure at its bound as good', () => {
    const atBound = { lagP99Ms: defaultHealth.lagMsMax }
    expect(overloadsOf([tick(0, atBound)], defaultHealth)).toEqual([])
  })
})

describe('noiseOf', () => {
  it('finds nothing when all workers are well', () => {
    expect(noiseOf([tick(0, {}), tick(1, { steal: 0, pressure: 3 })], defaultHealth)).toEqual([])
  })

  it('names the host, the worker and the share of a busy event loop', () => {
    expect(noiseOf([tick(2, {}), tick(3, { loopUse: 0.97 })], defaultHealth)).toEqual([
      'box2 worker 3: event loop 97 % busy',
    ])
  })

  it('says of a worker that it was somewhat late', () => {
    expect(noiseOf([tick(1, { lagP99Ms: 7.31 })], defaultHealth)).toEqual([
      'box2 worker 1: sent 7.3 ms late (p99)',
    ])
  })

  it('takes a figure at its bound as good', () => {
    const { loopUseMax, lagNoisyMs, stealMax, pressureMax } = defaultHealth
    const atBounds = {
      loopUse: loopUseMax,
      lagP99Ms: lagNoisyMs,
      steal: stealMax,
      pressure: pressureMax,
    }
    expect(noiseOf([tick(0, atBounds)], defaultHealth)).toEqual([])
  })

  it('tells of a host once, with the worst that its workers saw', () => {
    const ticks = [
      tick(0, { steal: 0.05, pressure: 31 }),
      tick(1, { steal: 0.08, pressure: 30 }),
      tick(2, { steal: 0.01 }, 'box3'),
    ]
    expect(noiseOf(ticks, defaultHealth)).toEqual([
      'box2: the hypervisor took 8 % of its processor time',
      'box2: CPU pressure 31 %',
    ])
  })
})
