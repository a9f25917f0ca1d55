import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { type FromRunner, noCounters, type Tick } from '../control/messages.ts'
import { emptyLedger } from '../ledger/ledger.ts'
import { createOutbox } from './outbox.ts'

const tick = (worker: number, at: number): Tick => ({
  type: 'tick',
  worker,
  at,
  ledger: { ...emptyLedger, scheduled: at },
  histograms: { echo: { n: 1, max: at, buckets: [at, 1] } },
  counters: { ...noCounters, sent: 10 },
  health: {
    loopUse: 1 / at,
    loopDelayP99Ms: 0,
    loopDelayMaxMs: 0,
    lagP99Ms: 0,
    cpu: 0,
    gcMs: 1,
    rssBytes: 0,
    descriptors: 0,
    descriptorsMax: 0,
  },
})

/** A pipe that takes one line and then nothing until it is read. */
function slowPipe() {
  const lines: FromRunner[] = []
  let release: (() => void) | undefined
  let isOpen = false
  const output = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write(line: string, _encoding, done) {
      lines.push(JSON.parse(line))
      if (isOpen) done()
      else release = done
    },
  })
  return {
    output,
    lines,
    read() {
      isOpen = true
      release?.()
    },
  }
}

test('what is written while nobody reads waits, in order, and seconds of a worker are added up', async () => {
  const { output, lines, read } = slowPipe()
  const outbox = createOutbox(output)
  outbox.send({ type: 'fault', message: 'first' })
  for (const at of [1, 2, 3]) outbox.send(tick(0, at))
  outbox.send(tick(1, 4))
  outbox.send({ type: 'worker_died', worker: 1, how: 'SIGKILL' })
  outbox.send(tick(0, 5))
  expect(lines).toHaveLength(1)
  read()
  await new Promise<void>((resolve) => outbox.end(resolve))
  expect(lines.map(({ type }) => type)).toEqual(['fault', 'tick', 'tick', 'worker_died'])
  expect(lines[1]).toMatchObject({
    worker: 0,
    at: 5,
    ledger: { scheduled: 5 },
    histograms: { echo: { n: 4, max: 5, buckets: [1, 1, 2, 1, 3, 1, 5, 1] } },
    counters: { sent: 40 },
    health: { loopUse: 1, gcMs: 4 },
  })
})

test('nothing is held back while it is read', () => {
  const { output, lines, read } = slowPipe()
  read()
  const outbox = createOutbox(output)
  for (const at of [1, 2, 3]) outbox.send(tick(0, at))
  return new Promise<void>((resolve) =>
    outbox.end(() => {
      expect(
        lines.reduce((sum, one) => sum + (one.type === 'tick' ? one.counters.sent : 0), 0),
      ).toBe(30)
      resolve()
    }),
  )
})
