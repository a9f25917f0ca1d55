import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { DocumentEngine, EngineLimits } from '../../src/server/core/yjs/document-engine.ts'
import { createWorkerEngine } from '../../src/server/core/yjs/worker-engine.ts'
import { silentLog } from '../../src/server/log/log.ts'
import { seed } from '../parts/seed.ts'
import { seeded } from '../tools/seeded.ts'
import { makeSituation, mutateUpdate } from './parts/hostile.ts'
import type { HostileReport, HostileStart } from './parts/hostile-thread.ts'
import { poison } from './parts/poison.ts'

const limits: EngineLimits = {
  updateStructsMax: 50_000,
  updateDeletesMax: 50_000,
  updateLengthMax: 10_000_000,
  subdocumentsMax: 10_000,
  checkMs: 1_000,
  checkMsPerKb: 0,
  taskMs: 30_000,
  loadedBytesMax: 64_000_000,
  partBytesMax: 65_536,
}
/** Time in which a thousand cases are done many times over; one that takes it hangs. */
const hangMs = 30_000

function tryMany(start: HostileStart): Promise<HostileReport> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./parts/hostile-thread.ts', import.meta.url), {
      workerData: start,
      stderr: true,
    })
    let last: HostileReport | undefined
    const hangs = (): void => {
      void thread.terminate()
      reject(new Error(`an update after case ${last?.done ?? 0} hangs (seed ${start.seed})`))
    }
    let timer = setTimeout(hangs, hangMs)
    thread.on('message', (report: HostileReport) => {
      last = report
      clearTimeout(timer)
      timer = setTimeout(hangs, hangMs)
    })
    thread.on('error', reject)
    thread.on('exit', () => {
      clearTimeout(timer)
      if (last?.done === start.cases) resolve(last)
      else reject(new Error(`the thread ended after case ${last?.done ?? 0}`))
    })
  })
}

describe(`100,000 mutated updates (seed ${seed})`, () => {
  test('none is half applied, none makes a document that is not its log, none hangs', async () => {
    // Two seeds: one of its own for each run that is given one, and one that once failed.
    const reports = await Promise.all([
      tryMany({ seed, cases: 60_000 }),
      tryMany({ seed: 10, cases: 40_000 }),
    ])
    expect(reports.flatMap(({ faults }) => faults)).toEqual([])
    for (const { accepted, refused } of reports) {
      // A check that let nothing through, or everything, would show nothing.
      expect(accepted).toBeGreaterThan(1_000)
      expect(refused['BAD_UPDATE']).toBeGreaterThan(10_000)
      expect(refused['GAP']).toBeGreaterThan(1_000)
    }
  }, 240_000)
})

describe('the engine in its threads', () => {
  let engine: DocumentEngine
  const start = (more: Partial<EngineLimits> = {}): DocumentEngine => {
    const json = { depthMax: 64, nodesMax: 1_000 }
    engine = createWorkerEngine(
      { checkers: 1, heapMb: 512, limits: { ...limits, ...more }, json },
      { log: silentLog, metrics: { internalError: () => undefined } },
      () => performance.now(),
    )
    return engine
  }
  afterEach(() => engine.close())

  const source = (...updates: readonly Uint8Array[]) => ({
    owners: new Map<number, string>(),
    parts: [],
    updates: updates.map((update) => ({ userId: 'ann', update })),
  })
  const request = { userId: 'ann', write: true, growthBytesMax: 1_000_000 }

  test.each(Object.entries(poison))('%s: refused, or nothing comes of it', async (_name, hex) => {
    const doc = new Y.Doc()
    doc.getText('t').insert(0, 'the text before')
    const before = Y.encodeStateAsUpdate(doc)
    const { check, load, opening } = start()
    await load('d', source(before))
    const update = Buffer.from(hex, 'hex')
    const checked = await check('d', { ...request, update })
    const log = checked.kind === 'new' ? [before, checked.delta] : [before]
    const fresh = new Y.Doc()
    for (const part of (await opening(log)).parts) Y.applyUpdate(fresh, part)
    expect(fresh.getText('t').toString()).toBe('the text before')
    expect(await check('d', { ...request, update: before })).toMatchObject(
      checked.kind === 'refused' ? {} : { kind: 'nothing new' },
    )
  })

  test('some thousand mutated updates take no thread down', async () => {
    const random = seeded(seed)
    const { check, load } = start()
    const kinds = new Set<string>()
    for (let round = 0; round < 60; round += 1) {
      const situation = makeSituation(random)
      await load('d', source(...situation.committed))
      for (let index = 0; index < 50; index += 1) {
        const checked = await check('d', { ...request, update: mutateUpdate(random, situation) })
        kinds.add(checked.kind)
        if (checked.kind === 'absent') await load('d', source(...situation.committed))
      }
    }
    expect([...kinds]).toEqual(expect.arrayContaining(['new', 'nothing new', 'refused']))
    await load('d', source())
  })

  test('an update that takes too long costs its thread once, and is refused the next time', async () => {
    const doc = new Y.Doc()
    const array = doc.getArray('a')
    for (let index = 0; index < 20_000; index += 1) array.insert(0, [index])
    const update = Y.encodeStateAsUpdate(doc)
    const { check, load } = start({ checkMs: 1 })
    await load('d', source())
    expect(await check('d', { ...request, update })).toEqual({ kind: 'absent' })
    await load('d', source())
    expect(await check('d', { ...request, update })).toMatchObject({
      kind: 'refused',
      fault: 'BAD_UPDATE',
    })
    await load('d', source())
  })

  test('a user who takes the next clock of another client id is named, and its owner is notified', async () => {
    const ann = new Y.Doc()
    ann.clientID = 7
    ann.getText('t').insert(0, 'a')
    const first = Y.encodeStateAsUpdate(ann)
    const { check, load } = start()
    await load('d', source(first))
    // What ann writes next has clock 1; mallory is there before it.
    const forged = Uint8Array.from([1, 1, 7, 1, 0x84, 7, 0, 1, 0x58, 0])
    expect(await check('d', { ...request, userId: 'mallory', update: forged })).toMatchObject({
      kind: 'new',
      madeBy: ['ann'],
    })
    // A duplicate without further content is nothing new.
    expect(await check('d', { ...request, update: forged })).toMatchObject({ kind: 'nothing new' })
    const before = Y.encodeStateVector(ann)
    ann.getText('t').insert(1, 'b')
    const differing = Y.encodeStateAsUpdate(ann, before)
    expect(await check('d', { ...request, update: differing })).toMatchObject({
      fault: 'CLIENT_ID_TAKEN',
    })
    // The page is reopened: a new client id, and the text again.
    const again = new Y.Doc()
    Y.applyUpdate(again, first)
    again.getText('t').insert(1, 'b')
    const honest = Y.encodeStateAsUpdate(again, Y.encodeStateVectorFromUpdate(first))
    expect(await check('d', { ...request, update: honest })).toMatchObject({
      kind: 'new',
      madeBy: [],
    })
  })

  test('what follows on something that is not there is a gap, and costs nothing to refuse', async () => {
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (update) => updates.push(update))
    for (let index = 0; index < 50; index += 1) doc.getText('t').insert(index, 'x')
    const { check, load } = start()
    await load('d', source())
    for (const update of updates.slice(1)) {
      expect(await check('d', { ...request, update })).toMatchObject({ fault: 'GAP' })
    }
    expect(await check('d', { ...request, update: Y.mergeUpdates(updates) })).toMatchObject({
      kind: 'new',
    })
  })

  test('a reader has nothing new, or is told that it may only read', async () => {
    const doc = new Y.Doc()
    doc.getText('t').insert(0, 'hello')
    const known = Y.encodeStateAsUpdate(doc)
    const { check, load } = start()
    await load('d', source(known))
    const asReader = { ...request, write: false }
    expect(await check('d', { ...asReader, update: known })).toMatchObject({ kind: 'nothing new' })
    doc.getText('t').delete(0, 1)
    const deleted = Y.encodeStateAsUpdate(doc)
    expect(await check('d', { ...asReader, update: deleted })).toMatchObject({ fault: 'READ_ONLY' })
  })

  test('a document takes nothing more than its limit, but lets go of what is in it', async () => {
    const doc = new Y.Doc()
    doc.getText('t').insert(0, 'hello')
    const { check, load } = start()
    await load('d', source(Y.encodeStateAsUpdate(doc)))
    const full = { ...request, growthBytesMax: 10 }
    const before = Y.encodeStateVector(doc)
    doc.getText('t').insert(5, ' and much more than that')
    const more = Y.encodeStateAsUpdate(doc, before)
    expect(await check('d', { ...full, update: more })).toMatchObject({ fault: 'DOCUMENT_FULL' })
    const fresh = new Y.Doc()
    Y.applyUpdate(fresh, (await engine.opening([Y.encodeStateAsUpdate(doc)])).parts[0] ?? more)
    const less = new Y.Doc()
    less.getText('t').insert(0, 'x')
    const gone = Uint8Array.from([0, 1, ...varint(doc.clientID), 1, 0, 1])
    expect(await check('d', { ...full, update: gone })).toMatchObject({ kind: 'new' })
  })
})

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return [...bytes, rest]
}
