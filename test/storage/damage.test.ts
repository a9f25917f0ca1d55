import {
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { RusherError } from '../../src/protocol/index.ts'
import { bytesOfText, payloadOfBytes } from '../../src/server/storage/packed.ts'
import { faultOf } from '../../src/server/storage/sqlite/errors.ts'
import { createLogReader } from '../../src/server/storage/sqlite/log-reader.ts'
import type { OpenedDatabase } from '../../src/server/storage/sqlite/open-database.ts'
import type { FilingSizes } from '../../src/server/storage/sqlite/write-buffer.ts'
import { verifySqlite } from '../../src/server/storage/verify/verify-log.ts'
import { seeded } from '../tools/seeded.ts'
import { busyFiling, openInThread, openStorage, temporaryDirectory } from './open-storage.ts'
import { runChild } from './run-child.ts'

/*
 * Every accident to the files ends in one of four ways: the start is refused, a read says STORAGE_CORRUPT, everything
 * acknowledged is there all the same, or what was served was wrong and `rusher verify` says so. The fifth would be a
 * wrong answer that nobody notices.
 */
type Outcome = 'refused' | 'corrupt read' | 'harmless' | 'found by verify'

/** What was acknowledged: one text for each thing that a reader can ask for. */
type Known = ReadonlyMap<string, string>

interface Base {
  readonly path: string
  readonly known: Known
}

const seed = Number(process.env['SEED'] ?? 20_261_124)
const keysPerChannel = 150
const channels = ['chat:a', 'chat:b', 'chat:c', 'chat:d']
const refusals = /^STORAGE_(CORRUPT|BEHIND|FOREIGN|NEWER|UNAVAILABLE)$/

test('a flipped byte in a database at rest is noticed or harmless', async () => {
  const base = await closedBase(temporaryDirectory())
  const random = seeded(seed)
  const outcomes = await damageMany(base, Number(process.env['TIMES'] ?? 250), (path) =>
    flip(path, random),
  )
  expect(outcomes.get('refused')).toBeGreaterThan(0)
  expect(outcomes.get('corrupt read')).toBeGreaterThan(0)
}, 60_000)

test('a flipped byte in a database in which much has arrived and is not filed is noticed or harmless', async () => {
  const base = await killedBase(temporaryDirectory(), { ...busyFiling, runRows: 300 })
  putAway(base.path)
  const random = seeded(seed + 6)
  const outcomes = await damageMany(base, 150, (path) => flip(path, random))
  expect(outcomes.get('refused')).toBeGreaterThan(0)
  expect(outcomes.get('corrupt read')).toBeGreaterThan(0)
}, 60_000)

test('a flipped byte in a payload of bytes is refused or a corrupt read', async () => {
  const base = await closedBase(temporaryDirectory())
  const random = seeded(seed + 5)
  const outcomes = await damageMany(base, 30, (path) => {
    const at = readFileSync(path).indexOf(bytesAt(1 + 5 * random(20)))
    expect(at).toBeGreaterThan(0)
    // The one in front says that these are bytes.
    flipAt(path, at - 1 + random(201), random)
  })
  expect((outcomes.get('refused') ?? 0) + (outcomes.get('corrupt read') ?? 0)).toBe(30)
}, 60_000)

test('a flipped byte in the write-ahead log of a killed server is noticed or harmless', async () => {
  const base = await killedBase(temporaryDirectory())
  const random = seeded(seed + 1)
  const outcomes = await damageMany(base, 120, (path) => flip(`${path}-wal`, random))
  expect(outcomes.get('refused')).toBeGreaterThan(0)
}, 60_000)

test('a truncated write-ahead log is noticed or harmless', async () => {
  const base = await killedBase(temporaryDirectory())
  const random = seeded(seed + 2)
  const outcomes = await damageMany(base, 25, (path) => truncate(`${path}-wal`, random))
  expect(outcomes.get('refused')).toBeGreaterThan(0)
}, 60_000)

test('a truncated database is noticed', async () => {
  const base = await closedBase(temporaryDirectory())
  const random = seeded(seed + 3)
  await damageMany(base, 40, (path) => truncate(path, random))
}, 60_000)

test('a deleted write-ahead log is refused', async () => {
  const base = await killedBase(temporaryDirectory())
  const outcomes = await damageMany(base, 1, (path) => rmSync(`${path}-wal`))
  expect(outcomes.get('refused')).toBe(1)
})

test('a database that was deleted or emptied beside its head file is refused', async () => {
  const base = await closedBase(temporaryDirectory())
  for (const damage of [
    (path: string) => rmSync(path),
    (path: string) => closeSync(openSync(path, 'w')),
  ]) {
    const outcomes = await damageMany(base, 1, damage)
    expect(outcomes.get('refused')).toBe(1)
  }
})

test('a damaged head file is as none', async () => {
  const base = await closedBase(temporaryDirectory())
  const random = seeded(seed + 4)
  const outcomes = await damageMany(base, 10, (path) => {
    for (let byte = 0; byte < 20; byte += 1) flip(`${path}-head`, random)
  })
  expect(outcomes.get('harmless')).toBe(10)
})

/** Damages copies of a base, and counts how that ended. */
async function damageMany(
  base: Base,
  times: number,
  damage: (path: string) => void,
): Promise<ReadonlyMap<Outcome, number>> {
  const outcomes = new Map<Outcome, number>()
  for (let time = 0; time < times; time += 1) {
    const directory = join(base.path, '..', `copy-${time}`)
    mkdirSync(directory)
    const path = join(directory, 'r.db')
    for (const suffix of ['', '-wal', '-head']) {
      if (existsSync(base.path + suffix)) copyFileSync(base.path + suffix, path + suffix)
    }
    damage(path)
    const outcome = await outcomeOf(path, base.known)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    rmSync(directory, { recursive: true })
  }
  return outcomes
}

async function outcomeOf(path: string, known: Known): Promise<Outcome> {
  let opened: OpenedDatabase
  try {
    opened = openInThread(path)
  } catch (error) {
    expect(error).toBeInstanceOf(RusherError)
    expect((error as RusherError).code).toMatch(refusals)
    return 'refused'
  }
  try {
    const found = readEverything(createLogReader(opened.db))
    if ([...known].every(([what, value]) => found.get(what) === value)) return 'harmless'
  } catch (error) {
    expect(faultOf(error, 'write').code).toBe('STORAGE_CORRUPT')
    return 'corrupt read'
  } finally {
    opened.close()
  }
  const { faults } = await verifySqlite(path)
  expect(faults, 'a wrong answer that verify does not know of').not.toEqual([])
  return 'found by verify'
}

function readEverything(log: ReturnType<typeof createLogReader>): Known {
  const found = new Map<string, string>()
  for (const name of channels) {
    const channel = bytesOfText(name)
    const page = log.after(channel, 0, 100_000)
    for (const [index, payload] of (page?.payloads ?? []).entries()) {
      const offset = (page?.first ?? 0) + index
      found.set(`${name} ${offset}`, payload === null ? 'erased' : asText(payload))
    }
    for (let n = 1; n <= keysPerChannel; n += 1) {
      const key = log.key(channel, bytesOfText(`key-${n}`))
      if (key !== undefined) found.set(`${name} key-${n}`, JSON.stringify(key))
    }
    for (const { name: latest, payload } of log.latest(channel, 100) ?? []) {
      found.set(`${name} latest ${latest}`, payload)
    }
    const snapshot = log.snapshot(channel)
    if (snapshot === undefined) continue
    found.set(`${name} snapshot`, `${snapshot.offset} ${asText(snapshot.payload)}`)
  }
  return found
}

function asText(stored: Buffer): string {
  const payload = payloadOfBytes(stored)
  return typeof payload === 'string' ? payload : `bytes ${Buffer.from(payload).toString('hex')}`
}

/** Bytes that are found in the file, since nothing else has them. */
function bytesAt(n: number): Uint8Array {
  return Uint8Array.from({ length: 200 }, (_, index) => (n * 7 + index * 13) % 256)
}

/** A database that was closed, with everything in it that can be in one. */
async function closedBase(directory: string): Promise<Base> {
  const path = join(directory, 'r.db')
  const storage = await openStorage(path)
  for (const channel of channels) {
    for (let n = 1; n <= keysPerChannel; n += 1) {
      const payload = JSON.stringify({ n, text: 'x'.repeat((n * 37) % 400) })
      const erase = n % 50 === 0 ? { erase: n - 1 } : {}
      // One of the logs is mostly bytes.
      const kept = channel === 'chat:d' && n % 5 !== 0 ? bytesAt(n) : payload
      await storage.append([{ kind: 'event', channel, payload: kept, key: `key-${n}`, ...erase }])
      await storage.append([{ kind: 'latest', channel, name: `name-${n % 7}`, payload }])
    }
  }
  await storage.compact('chat:b', 60, '{"through":60}')
  await storage.saveSnapshot('chat:d', 100, bytesAt(200))
  await storage.close()
  return { path, known: knownOf(path) }
}

/** The files of a server that was killed, with all it had acknowledged in its write-ahead log. */
async function killedBase(directory: string, filing?: FilingSizes): Promise<Base> {
  const path = join(directory, 'r.db')
  const { acks } = await runChild(
    { path, synchronous: 'FULL', events: 1_000, close: false, ...(filing && { filing }) },
    { killAt: (_line, count) => count >= 400 },
  )
  const known = new Map<string, string>()
  for (const [channel, list] of acks) {
    for (const { offset, n } of list) {
      const payload = JSON.stringify({ n, text: 'x'.repeat((n * 37) % 400) })
      known.set(`${channel} ${offset}`, payload)
    }
  }
  expect(known.size).toBeGreaterThanOrEqual(400)
  return { path, known }
}

/** Brings what the write-ahead log has into the database, and checks that much of it is not filed. */
function putAway(path: string): void {
  const db = new Database(path)
  db.pragma('wal_checkpoint(TRUNCATE)')
  expect(db.prepare<[], number>('SELECT count(*) FROM arrivals').pluck().get()).toBeGreaterThan(100)
  db.close()
}

function knownOf(path: string): Known {
  const copy = join(path, '..', 'undamaged')
  mkdirSync(copy)
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
  copyFileSync(path, join(copy, 'r.db'))
  const opened = openInThread(join(copy, 'r.db'))
  const known = readEverything(createLogReader(opened.db))
  opened.close()
  expect(known.size).toBe(2 * (4 * keysPerChannel - 60) + 4 * 7 + 2)
  return known
}

function flip(path: string, random: (limit: number) => number): void {
  flipAt(path, random(statSync(path).size), random)
}

function flipAt(path: string, at: number, random: (limit: number) => number): void {
  const file = openSync(path, 'r+')
  const byte = Buffer.alloc(1)
  readSync(file, byte, 0, 1, at)
  writeSync(file, Buffer.of((byte[0] ?? 0) ^ (1 + random(255))), 0, 1, at)
  closeSync(file)
}

function truncate(path: string, random: (limit: number) => number): void {
  const file = openSync(path, 'r+')
  ftruncateSync(file, random(statSync(path).size))
  closeSync(file)
}
