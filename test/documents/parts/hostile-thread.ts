import { parentPort, workerData } from 'node:worker_threads'
import * as Y from 'yjs'
import { type Copy, checkUpdate, loadCopy } from '../../../src/server/core/yjs/check-update.ts'
import type { EngineLimits } from '../../../src/server/core/yjs/document-engine.ts'
import { seeded } from '../../tools/seeded.ts'
import { makeSituation, mutateUpdate } from './hostile.ts'

/*
 * Puts mutated updates through the check, and looks after each one whether the document is what its log says: in a thread, so that
 * a hang of it is seen.
 */

export interface HostileStart {
  readonly seed: number
  readonly cases: number
}

/** What came of it, so far. Each fault is a case that must not be. */
export interface HostileReport {
  readonly done: number
  readonly accepted: number
  readonly refused: Readonly<Record<string, number>>
  readonly spoilt: number
  readonly faults: readonly string[]
}

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
const casesOfSituation = 50
const userId = 'mallory'

const { seed, cases } = workerData as HostileStart
const random = seeded(seed)
const faults: string[] = []
const refused: Record<string, number> = {}
let accepted = 0
let spoilt = 0
// What Yjs says of a peer's bytes is no news here.
for (const name of ['log', 'warn', 'error'] as const) console[name] = () => undefined

for (let done = 0; done < cases; done += casesOfSituation) {
  trySituation(done)
  if (done % 1_000 === 0) report(done)
}
report(cases)

function report(done: number): void {
  parentPort?.postMessage({ done, accepted, refused, spoilt, faults } satisfies HostileReport)
}

function trySituation(number: number): void {
  const situation = makeSituation(random)
  const committed = [...situation.committed]
  let copy = load(committed)
  let before = contentOf(copy)
  for (let index = 0; index < casesOfSituation; index += 1) {
    const update = mutateUpdate(random, situation)
    const fault = (what: string): void =>
      void faults.push(`${what} (case ${number + index}): ${Buffer.from(update).toString('hex')}`)
    const partly = random(2) === 0
    const request = { update, userId, write: true, partly, growthBytesMax: 1e6 }
    const outcome = checkUpdate(copy, request, limits)
    const { checked } = outcome
    if (outcome.spoilt) {
      spoilt += 1
      copy = load(committed)
    }
    if (checked.kind === 'refused') refused[checked.fault] = (refused[checked.fault] ?? 0) + 1
    if (checked.kind !== 'new') {
      const after = contentOf(copy)
      if (before !== after) fault('half-applied')
      before = after
      continue
    }
    accepted += 1
    committed.push(checked.delta)
    compare(copy, committed, fault)
    before = contentOf(copy)
  }
}

function load(committed: readonly Uint8Array[]): Copy {
  const updates = committed.map((update) => ({ userId, update }))
  return loadCopy({ owners: new Map(), parts: [], updates })
}

/** Whether a new client that gets the log, and one that gets the copy's encoding, have the same document. */
function compare(
  copy: Copy,
  committed: readonly Uint8Array[],
  fault: (what: string) => void,
): void {
  try {
    const expected = contentOf(copy)
    if (contentOf(load(committed)) !== expected) fault('diverged from its log')
    const encoded = load([Y.encodeStateAsUpdate(copy.doc)])
    if (contentOf(encoded) !== expected) fault('diverged from its encoding')
  } catch (error) {
    fault(`unreadable: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/**
 * What a reader sees of a document, and how far it goes. Not what is deleted: Yjs removes needless formatting wherever it finds some, so
 * that two who see the same can differ there.
 */
function contentOf({ doc }: Pick<Copy, 'doc'>): string {
  return JSON.stringify([
    [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([a], [b]) => a - b),
    lettersOf(doc.getText('t')),
    doc.getArray('a').toJSON(),
    // Yjs does not keep the order of keys.
    Object.entries(doc.getMap('m').toJSON()).sort(),
    doc.getXmlFragment('x').toString(),
  ])
}

/** Each letter and thing in a text with its attributes: how they are grouped is not for a reader to see. */
function lettersOf(text: Y.Text): readonly unknown[] {
  const delta = text.toDelta() as { insert: unknown; attributes?: Record<string, unknown> }[]
  return delta.flatMap(({ insert, attributes = {} }) => {
    const shown = Object.entries(attributes).filter(([, value]) => value !== null)
    return (typeof insert === 'string' ? [...insert] : [insert]).map((one) => [one, shown.sort()])
  })
}
