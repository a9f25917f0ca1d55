import { describe, expect, test } from 'vitest'
import { RusherError } from '../../protocol/index.ts'
import {
  createCoalescedRunner,
  type RollingContext,
  type RollingEdge,
  rollEdges,
} from './rolling-restart.ts'

/** Edges that do what they are told, and a list of all that was done. */
function stage({ failsAt = -1, stuck = false, stopsAt = -1 } = {}): {
  readonly parts: RollingContext
  readonly done: string[]
} {
  const done: string[] = []
  let stopping = false
  const makeEdge = (name: string, pid: number, sessions: number): RollingEdge => {
    let running = true
    return {
      pid,
      sessions,
      get running() {
        return running
      },
      drain(spreadMs) {
        done.push(`drain ${name} ${spreadMs}`)
        return stuck ? new Promise(() => undefined) : Promise.resolve()
      },
      end() {
        running = false
        done.push(`end ${name}`)
      },
    }
  }
  const old = [makeEdge('old 0', 10, 3), makeEdge('old 1', 11, 4)]
  return {
    done,
    parts: {
      count: 2,
      start(index) {
        done.push(`start ${index}`)
        if (index === stopsAt) stopping = true
        return index === failsAt
          ? Promise.reject(new RusherError('EDGE_FAILED', 'no'))
          : Promise.resolve(makeEdge(`new ${index}`, 20 + index, 0))
      },
      adopt() {
        done.push('adopt')
        return old
      },
      stopping: () => stopping,
      pause: () => (stuck ? Promise.resolve() : new Promise(() => undefined)),
      monotonicMs: () => 0,
    },
  }
}

describe('a roll', () => {
  test('starts every new edge before an old one is told to go', async () => {
    const { parts, done } = stage()
    const steps: string[] = []
    const progress = ({ kind }: { kind: string }): void => void steps.push(kind)
    expect(await rollEdges(parts, { spreadMs: 500, progress })).toEqual({
      kind: 'rolled',
      pids: [20, 21],
      tookMs: 0,
      cutOff: 0,
    })
    expect(done).toEqual([
      'start 0',
      'start 1',
      'adopt',
      // As many a second as if one edge after the other had sent its own away over half a second.
      'drain old 0 1000',
      'drain old 1 1000',
      'end old 0',
      'end old 1',
    ])
    expect(steps).toEqual(['started', 'started', 'draining'])
  })

  test('whose edge does not start takes back those that did, and leaves the old ones alone', async () => {
    const { parts, done } = stage({ failsAt: 1 })
    expect(await rollEdges(parts, { spreadMs: 500 })).toMatchObject({ kind: 'failed' })
    expect(done).toEqual(['start 0', 'start 1', 'drain new 0 500', 'end new 0'])
  })

  test('cuts off whoever is still there at the deadline', async () => {
    const { parts, done } = stage({ stuck: true })
    expect(await rollEdges(parts, { spreadMs: 500 })).toMatchObject({ kind: 'rolled', cutOff: 7 })
    expect(done.slice(-2)).toEqual(['end old 0', 'end old 1'])
  })

  test('leaves everything to the end of the server when that comes first', async () => {
    const { parts, done } = stage({ stopsAt: 0 })
    expect(await rollEdges(parts, {})).toEqual({ kind: 'stopped' })
    expect(done).toEqual(['start 0'])
  })

  test('fails with a bug at a start as its cause, and does not throw it', async () => {
    const { parts } = stage()
    const mistake = new TypeError('a mistake')
    const start = (): Promise<RollingEdge> => Promise.reject(mistake)
    const rolled = await rollEdges({ ...parts, start }, {})
    expect(rolled).toMatchObject({ kind: 'failed', error: { code: 'EDGE_FAILED', cause: mistake } })
  })
})

describe('rounds', () => {
  test('that are asked for during one are one more, shared by all who asked', async () => {
    const gates: PromiseWithResolvers<string>[] = []
    const ask = createCoalescedRunner((name: string) => {
      const gate = Promise.withResolvers<string>()
      gates.push(gate)
      return gate.promise.then((text) => `${name} ${text}`)
    })
    const first = ask('a')
    const second = ask('b')
    expect(ask('c')).toBe(second)
    expect(gates).toHaveLength(1)
    gates[0]?.reject(new Error('failed'))
    await expect(first).rejects.toThrow('failed')
    await Promise.resolve()
    expect(gates).toHaveLength(2)
    gates[1]?.resolve('done')
    expect(await second).toBe('b done')
    void ask('d')
    expect(gates).toHaveLength(3)
  })
})
