import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { partUpdate } from '../../src/server/core/yjs/applicable-part.ts'
import { scanUpdate, unbounded } from '../../src/server/core/yjs/scan-update.ts'
import { seed } from '../parts/seed.ts'
import { seeded } from '../tools/seeded.ts'

/** Changes of three clients, each made by one who had all before it, and now and then not. */
function changes(random: (limit: number) => number): readonly Uint8Array[] {
  const made: Uint8Array[] = []
  const docs = [1, 2, 3].map((client) => {
    const doc = new Y.Doc()
    doc.clientID = client
    doc.on('update', (update, origin) => origin === 'sync' || made.push(update))
    return doc
  })
  for (let left = 24; left > 0; left -= 1) {
    const doc = docs[random(docs.length)] ?? docs[0]
    if (doc === undefined) continue
    const text = doc.getText('t')
    if (random(4) === 0 && text.length > 1) text.delete(random(text.length - 1), 1)
    else text.insert(random(text.length + 1), 'ab')
    if (random(3) === 0) continue
    for (const other of docs) Y.applyUpdate(other, Y.encodeStateAsUpdate(doc), 'sync')
  }
  return made
}

test(`whatever was lost, the sound part can be applied and the rest later (seed ${seed})`, () => {
  const random = seeded(seed)
  let parted = 0
  for (let round = 0; round < 120; round += 1) {
    const all = changes(random)
    const there = all.filter(() => random(3) > 0)
    const server = new Y.Doc()
    // Yjs says what is missing in between with structs that are skipped.
    const given = partUpdate(server, Y.mergeUpdates(there))
    if (given === undefined) continue
    parted += 1
    for (const part of [given.sound, given.aside.update]) scanUpdate(part, unbounded)
    Y.applyUpdate(server, given.sound)
    expect(server.store.pendingStructs).toBeNull()
    expect(server.store.pendingDs).toBeNull()
    // What a client of Yjs shows that has the same is what can be applied.
    const client = new Y.Doc()
    Y.applyUpdate(client, Y.mergeUpdates(there))
    expect(server.getText('t').toString()).toBe(client.getText('t').toString())
    const { lacks } = given.aside
    expect(Y.getState(server.store, lacks.client)).toBeLessThanOrEqual(lacks.clock)
    for (const update of all) Y.applyUpdate(server, update)
    Y.applyUpdate(server, given.aside.update)
    expect(partUpdate(server, given.aside.update)).toBeUndefined()
    const whole = new Y.Doc()
    for (const update of all) Y.applyUpdate(whole, update)
    expect(server.getText('t').toString()).toBe(whole.getText('t').toString())
  }
  expect(parted).toBeGreaterThan(40)
})

test('what cannot be put in order takes time by the length of the update', () => {
  // Client 1 waits for client 2, whose beginning never comes.
  const structs = Array.from({ length: 20_000 }, (_, at) => [0x84, 2, at % 100, 1, 0x61]).flat()
  const update = Uint8Array.from([1, 0xa0, 0x9c, 0x01, 1, 0, ...structs, 0])
  scanUpdate(update, unbounded)
  const parted = partUpdate(new Y.Doc(), update)
  expect(parted?.sound).toEqual(Uint8Array.of(0, 0))
  expect(parted?.aside.lacks).toEqual({ client: 2, clock: 0 })
})
