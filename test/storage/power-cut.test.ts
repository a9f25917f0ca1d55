import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { verifySqlite } from '../../src/server/storage/verify/verify-log.ts'
import { compilePowercut, type PowercutOptions, powercutEnvironment } from '../tools/powercut.ts'
import { seeded } from '../tools/seeded.ts'
import { busyFiling, openStorage, temporaryDirectory } from './open-storage.ts'
import { countLost, readBack } from './read-back.ts'
import { runChild } from './run-child.ts'
import type { ChildTask } from './storage-child.ts'

const seed = Number(process.env['SEED'] ?? 20_261_124)
const compiledIn = mkdtempSync(join(tmpdir(), 'rusher-powercut-'))
const compiled = compilePowercut(compiledIn)
afterAll(() => rmSync(compiledIn, { recursive: true, force: true }))

if ('missing' in compiled) {
  console.warn(compiled.missing)
  test.skipIf(process.env['CI'] !== 'true')('power cuts can be tested', () => {
    expect.fail(compiled.missing)
  })
}

describe.skipIf('missing' in compiled)(`power cut (seed ${seed})`, () => {
  const environment = (options: PowercutOptions) =>
    powercutEnvironment('library' in compiled ? compiled.library : '', options)

  function watchedDirectory() {
    const root = realpathSync(temporaryDirectory())
    const directory = join(root, 'disk')
    const shadow = join(root, 'shadow')
    mkdirSync(directory)
    mkdirSync(shadow)
    return { directory, shadow, path: join(directory, 'r.db'), survivor: join(shadow, 'r.db') }
  }

  /** Cuts the power after so many acknowledgements. */
  async function cutAfter(
    acksMax: number,
    synchronous: 'FULL' | 'NORMAL',
    more: Partial<ChildTask> = {},
  ) {
    const place = watchedDirectory()
    const task = { path: place.path, synchronous, events: 1_000_000, close: false, ...more }
    const run = await runChild(task, {
      environment: environment(place),
      killAt: (_line, acks) => acks >= acksMax,
    })
    expect(run.acks.size).toBe(4)
    return { ...place, ...run }
  }

  test('loses no acknowledged event', async () => {
    const random = seeded(seed)
    for (let round = 0; round < 6; round += 1) {
      const { survivor, acks } = await cutAfter(50 + random(1_500), 'FULL')
      expect((await verifySqlite(survivor)).faults).toEqual([])
      expect(countLost(survivor, acks)).toBe(0)
    }
  })

  test('loses no acknowledged event, wherever filing has come to', async () => {
    const random = seeded(seed + 5)
    for (let round = 0; round < 6; round += 1) {
      const filing = { ...busyFiling, runRows: 20 + random(500) }
      const { survivor, acks } = await cutAfter(50 + random(1_500), 'FULL', { filing })
      expect((await verifySqlite(survivor)).faults).toEqual([])
      expect(countLost(survivor, acks)).toBe(0)
    }
  })

  test('loses some with synchronous=NORMAL, so that the test above can fail', async () => {
    const random = seeded(seed + 1)
    let lost = 0
    for (let round = 0; round < 2; round += 1) {
      const { survivor, acks } = await cutAfter(200 + random(500), 'NORMAL')
      lost += countLost(survivor, acks)
    }
    expect(lost).toBeGreaterThan(0)
  })

  test('a loss is noticed at the next start by the head file', async () => {
    const { path, survivor } = await cutAfter(300, 'NORMAL')
    copyFileSync(`${path}-head`, `${survivor}-head`)
    await expect(openStorage(survivor)).rejects.toMatchObject({ code: 'STORAGE_BEHIND' })
    const warnings: string[] = []
    const storage = await openStorage(survivor, {
      acceptLoss: true,
      makeEpoch: () => 'after the loss',
      log: { warn: (message) => warnings.push(message) },
    })
    expect(storage.epoch).toBe('after the loss')
    expect(warnings).toHaveLength(1)
    await storage.close()
    const again = await openStorage(survivor)
    expect(again.epoch).toBe('after the loss')
    await again.close()
  })

  test('a failed fsync is answered with unknown, and nothing is acknowledged after it', async () => {
    const random = seeded(seed + 2)
    let unknown = 0
    for (let round = 0; round < 4; round += 1) {
      const place = watchedDirectory()
      const task = { path: place.path, synchronous: 'FULL', events: 200, close: true } as const
      const { lines, acks } = await runChild(task, {
        environment: environment({ ...place, eioAfter: 15 + random(100) }),
      })
      const outcomes = lines.filter((line) => /^(ack|error)/.test(line))
      const firstError = outcomes.findIndex((line) => line.startsWith('error'))
      expect(outcomes).toHaveLength(800)
      expect(firstError).toBeGreaterThan(0)
      expect(outcomes.slice(firstError).filter((line) => line.startsWith('ack'))).toEqual([])
      const codes = outcomes.slice(firstError).map((line) => line.split(' ')[1] ?? '')
      for (const code of codes) expect(['STORAGE_UNAVAILABLE', 'STORAGE_UNKNOWN']).toContain(code)
      if (codes.includes('STORAGE_UNKNOWN')) unknown += 1
      expect(lines.filter((line) => line.startsWith('failed'))).toHaveLength(1)

      expect(countLost(place.path, acks)).toBe(0)
      const storage = await openStorage(place.path)
      for (const line of outcomes.slice(firstError)) {
        const [, code, channel = '', n = ''] = line.split(' ')
        const found = await storage.findKey(channel, `key-${n}`)
        if (code === 'STORAGE_UNAVAILABLE') expect(found).toBeUndefined()
      }
      await storage.close()
    }
    expect(unknown).toBeGreaterThan(0)
  })

  test('an opening that is cut short leaves no database, or a whole one', async () => {
    const random = seeded(seed + 3)
    let cut = 0
    for (let round = 0; round < 10; round += 1) {
      const place = watchedDirectory()
      const task = { path: place.path, synchronous: 'FULL', events: 1, close: true } as const
      const { lines } = await runChild(task, {
        environment: environment({ ...place, killAfter: 1 + random(50) }),
      })
      if (!lines.includes('open')) cut += 1
      for (const path of [place.path, place.survivor]) {
        const { head } = readBack(path, ['chat:a']).get('chat:a') ?? {}
        expect([0, 1]).toContain(head)
        expect((await verifySqlite(path)).faults).toEqual([])
      }
    }
    expect(cut).toBeGreaterThan(3)
  })

  test('a compaction that is cut short was made as a whole, or not at all', async () => {
    const random = seeded(seed + 4)
    for (let round = 0; round < 12; round += 1) {
      const place = watchedDirectory()
      const task = {
        ...(round % 2 === 0 ? {} : { filing: { ...busyFiling, runRows: 10 + random(100) } }),
        path: place.path,
        synchronous: 'FULL',
        events: 1_000,
        compactEvery: 10,
        close: false,
      } as const
      const { lines, acks } = await runChild(task, {
        environment: environment({ ...place, killAfter: 200 + random(2_000) }),
      })
      const compacted = lines.filter((line) => line.startsWith('compacted')).length
      for (const path of [place.path, place.survivor]) {
        expect((await verifySqlite(path)).faults).toEqual([])
        const { begin = 0, snapshotOffset = 0 } = readBack(path, ['chat:a']).get('chat:a') ?? {}
        expect([Math.max(compacted * 10 - 2, 1), (compacted + 1) * 10 - 2]).toContain(begin)
        expect(snapshotOffset).toBe(begin - 1)
        expect(countLost(path, acks)).toBe(0)
        expect((await verifySqlite(path)).faults).toEqual([])
      }
    }
  })
})
