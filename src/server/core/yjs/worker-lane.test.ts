import { expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import { defaultLimits, type Json } from '../../../protocol/index.ts'
import { silentLog } from '../../log/log.ts'
import type { FaultContext } from '../../runtime/containment.ts'
import { engineOptionsOf } from '../../server-options.ts'
import type { DocumentEngine } from './document-engine.ts'
import { createWorkerEngine } from './worker-engine.ts'
import { createWorkerLane, type WorkerLane } from './worker-lane.ts'
import type { EngineTask } from './worker-messages.ts'

const faults: FaultContext = { log: silentLog, metrics: { internalError: () => undefined } }
const options = engineOptionsOf({}, defaultLimits)
const ofText = (text: string): EngineTask => ({
  kind: 'seed',
  content: { as: 'text', field: 't', text },
})

function openLane(monotonicMs = () => performance.now()): WorkerLane {
  const lane = createWorkerLane({ start: options, heapMb: 256, faults, monotonicMs })
  onTestFinished(lane.close)
  return lane
}

function openEngine(): DocumentEngine {
  const engine = createWorkerEngine(options, faults, () => performance.now())
  onTestFinished(engine.close)
  return engine
}

test('a small document is converted while a large one is', async () => {
  const engine = openEngine()
  const large = { as: 'markdown', field: 'm', text: '- a\n'.repeat(8_000) } as const
  let isDone = false
  const converted = engine.seed(large).then((made) => {
    isDone = true
    return made
  })
  expect(await engine.seed({ as: 'text', field: 't', text: 'small' })).toHaveProperty('update')
  expect(await engine.read([], { as: 'text', field: 't' })).toMatchObject({ text: '' })
  expect(isDone).toBe(false)
  expect(await converted).toHaveProperty('update')
})

test('a task that cannot be handed to the thread is refused, and the tasks behind it are done', async () => {
  const lane = openLane()
  const uncopied = { kind: 'release', document: () => undefined } as unknown as EngineTask
  const outcomes = await Promise.allSettled([
    lane.run(ofText('before'), 30_000),
    lane.run(uncopied, 30_000),
    lane.run(ofText('after'), 30_000),
    lane.run(uncopied, 30_000),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
  ])
  expect(outcomes[1]).toMatchObject({ reason: { code: 'ENGINE_FAILED', fault: 'threw' } })
  expect(await lane.run(ofText('later'), 30_000)).toHaveProperty('update')
})

test('a thread that ends takes its own task along and no other', async () => {
  const lane = createWorkerLane({ start: options, heapMb: 32, faults, monotonicMs: () => 0 })
  onTestFinished(lane.close)
  // Its conversion exceeds the heap little by little. One native call that exceeds it by far, such as
  // JSON.parse without `nodesMax`, would end the whole process.
  const paragraph = { type: 'paragraph', content: [{ type: 'text', text: 'x' }] }
  const content = { type: 'doc', content: Array.from({ length: 50_000 }, () => paragraph) }
  const large: EngineTask = {
    kind: 'seed',
    content: { as: 'json', field: 't', json: Buffer.from(JSON.stringify(content)) },
  }
  const outcomes = await Promise.allSettled([
    lane.run(large, 30_000),
    lane.run(ofText('after'), 30_000),
  ])
  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { fault: 'ended its thread' } },
    { status: 'fulfilled' },
  ])
})

test('a task that takes too long is refused, its late answer is dropped, and the next tasks run', async () => {
  const lane = openLane()
  const outcomes = await Promise.allSettled([
    lane.run(ofText('x'.repeat(100_000)), 0),
    lane.run(ofText('after'), 30_000),
  ])
  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { fault: 'took too long' } },
    { status: 'fulfilled', value: { update: expect.any(Uint8Array) } },
  ])
})

test('a lane tells for how long nothing came to its end, and 0 when nothing waits', async () => {
  let nowMs = 0
  const lane = openLane(() => nowMs)
  expect(lane.stalledMs).toBe(0)
  const done = lane.run(ofText('one'), 30_000)
  nowMs = 700
  expect(lane.stalledMs).toBe(700)
  await done
  expect(lane.stalledMs).toBe(0)
})

test('too deep and too wide JSON is refused with its reason, and the next content is accepted', async () => {
  const engine = openEngine()
  const seed = (text: string) =>
    engine.seed({ as: 'json', field: 'default', json: Buffer.from(text) })
  for (const depth of [257, 10_000, 1_000_000]) {
    const deep = '['.repeat(depth) + ']'.repeat(depth)
    expect(await seed(deep)).toEqual({ refusal: 'the JSON is nested deeper than 256 levels' })
  }
  expect(await seed(`[${'{},'.repeat(1_390_000)}{}]`)).toEqual({
    refusal: 'the JSON has more than 1000000 values',
  })
  expect(await seed('{')).toMatchObject({ fault: 'BAD_JSON' })
  const content: Json = { type: 'doc', content: [{ type: 'paragraph' }] }
  expect(await seed(JSON.stringify(content))).toHaveProperty('update')
  expect(engine.stuck).toBe(0)
})

test('content that cannot be read as JSON fails only that read', async () => {
  const engine = openEngine()
  const doc = new Y.Doc()
  let parent: Y.XmlFragment | Y.XmlElement = doc.getXmlFragment('default')
  doc.transact(() => {
    for (let depth = 0; depth < 20_000; depth += 1) {
      const child = new Y.XmlElement('paragraph')
      parent.insert(0, [child])
      parent = child
    }
  })
  const deep = Y.encodeStateAsUpdate(doc)
  const kind = { as: 'json', field: 'default' } as const
  const read = engine.read([deep], kind)
  await expect(read).rejects.toMatchObject({ code: 'ENGINE_FAILED' })
  const sound = await engine.seed({ as: 'text', field: 't', text: 'hello' })
  if (!('update' in sound)) throw new Error('a text was refused')
  expect(await engine.read([sound.update], { as: 'text', field: 't' })).toMatchObject({
    text: 'hello',
  })
})
