import { expect, test } from 'vitest'
import { emptyLedger } from '../ledger/ledger.ts'
import { hostFactsHere } from '../runner/host-facts.ts'
import { createLineSplitter } from './line-splitter.ts'
import { type FromRunner, noCounters, type Tick, type ToRunner } from './messages.ts'
import { parseFromRunner } from './parse-message.ts'
import { parseToRunner } from './parse-to-runner.ts'

const tick: Tick = {
  type: 'tick',
  worker: 1,
  at: 12.5,
  ledger: { ...emptyLedger, failed: { refused: 1, http_503: 2, closed_1006: 3 } },
  histograms: { echo: { n: 2, max: 1.5, buckets: [12, 1, 40, 1] } },
  counters: noCounters,
  health: {
    loopUse: 0.1,
    loopDelayP99Ms: 1,
    loopDelayMaxMs: 2,
    lagP99Ms: 0,
    cpu: 0.2,
    gcMs: 0,
    rssBytes: 1,
    descriptors: 20,
    descriptorsMax: 100,
    portsLeft: 4,
  },
}
const lastTick: Tick = {
  ...tick,
  histograms: { echo: { n: 1, max: 9, buckets: [40, 1], open: { n: 1, min: 9 } } },
  held: 40,
}
const messages: readonly FromRunner[] = [
  { type: 'hello', bundle: 'ab', facts: hostFactsHere() },
  { type: 'clock', no: 1, at: 1.5, wallMs: 2 },
  { type: 'prepared', worker: 0, pid: 12 },
  tick,
  lastTick,
  {
    type: 'example',
    worker: 0,
    example: { cause: 'reset', wallMs: 1, to: '127.0.0.1:80', raw: 'ECONNRESET' },
  },
  {
    type: 'history',
    worker: 0,
    part: {
      attempts: [
        { channel: 'c', id: 'a', invokedMs: 1, outcome: { kind: 'ok', offset: 1, atMs: 2 } },
        { channel: 'c', id: 'b', invokedMs: 1, outcome: { kind: 'unknown' } },
      ],
      subscriptions: [
        {
          name: 's',
          channel: 'c',
          steps: [
            { kind: 'start', after: 0 },
            { kind: 'event', offset: 1, id: 'a' },
            { kind: 'gap', from: 1, to: 2 },
          ],
        },
      ],
      ends: [{ name: 's', channel: 'c', last: 1, live: true }],
    },
  },
  { type: 'done', worker: 0, whole: true, faults: [] },
  { type: 'worker_died', worker: 0, how: 'SIGKILL' },
  { type: 'fault', message: 'x' },
]

test('every message of a runner is read as it was said', () => {
  for (const message of messages) expect(parseFromRunner(JSON.stringify(message))).toEqual(message)
})

test('a message of which any field is missing that it must have is refused', () => {
  for (const message of messages)
    for (const field of Object.keys(message).filter((name) => name !== 'held')) {
      const { [field as keyof FromRunner]: _, ...less } = message
      expect(parseFromRunner(JSON.stringify(less))).toHaveProperty('refused')
    }
})

test('what is in a second is looked at down to its numbers', () => {
  const bad: readonly unknown[] = [
    { ...tick, at: '1' },
    { ...tick, worker: -1 },
    { ...tick, ledger: { ...tick.ledger, failed: { __proto__x: 1 } } },
    { ...tick, ledger: { ...tick.ledger, failed: { http_x: 1 } } },
    { ...tick, ledger: { ...tick.ledger, now: { ...emptyLedger.now, tcp: null } } },
    { ...tick, histograms: { none: { n: 1, max: 1, buckets: [] } } },
    { ...tick, histograms: { echo: { n: 1, max: 1, buckets: [1] } } },
    { ...tick, histograms: { echo: { n: 1, max: 1, buckets: [1, -1] } } },
    { ...tick, histograms: { echo: { n: 1, max: 1, buckets: [1, 1], open: { n: 1 } } } },
    { ...tick, held: -1 },
    { ...tick, counters: {} },
    { ...tick, health: { ...tick.health, steal: 'x' } },
    [],
    null,
    7,
    { type: 'toString' },
  ]
  for (const one of bad) expect(parseFromRunner(JSON.stringify(one))).toHaveProperty('refused')
  const text = JSON.stringify(tick).replace('"refused":1', '"__proto__":1')
  expect(parseFromRunner(text)).toHaveProperty('refused')
  expect(parseFromRunner('Welcome to box1')).toEqual({
    refused: 'something that is no JSON: Welcome to box1',
  })
})

test('a runner takes what a controller says, and nothing else', () => {
  const said: readonly unknown[] = [
    { type: 'beat' },
    { type: 'end' },
    { type: 'clock', no: 1 },
    { type: 'act', act: 'storm' },
    { type: 'phase', phase: 'ramp', at: 1, connections: 5 },
  ] satisfies readonly ToRunner[]
  for (const one of said) expect(parseToRunner(JSON.stringify(one))).toEqual(one)
  for (const bad of ['', '{}', '{"type":"phase","phase":"x","at":1}', '{"type":"prepare"}'])
    expect(parseToRunner(bad)).toHaveProperty('refused')
})

test('lines are whole, however they are cut on the way', () => {
  const lines: string[] = []
  const take = createLineSplitter(
    (line) => lines.push(line),
    () => undefined,
  )
  for (const piece of ['on', 'e\ntw', '', 'o\n\nthree', '\n', 'rest']) take(piece)
  expect(lines).toEqual(['one', 'two', '', 'three'])
})
