import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { backupSqlite } from '../../src/server/storage/backup/backup.ts'
import { restoreSqlite } from '../../src/server/storage/backup/restore.ts'
import { bytesOfText } from '../../src/server/storage/packed.ts'
import { createLogReader } from '../../src/server/storage/sqlite/log-reader.ts'
import { verifySqlite } from '../../src/server/storage/verify/verify-log.ts'
import { compilePowercut, powercutEnvironment } from '../tools/powercut.ts'
import { seeded } from '../tools/seeded.ts'
import type { CopyTask } from './copy-child.ts'
import { openInThread, openStorage, temporaryDirectory } from './open-storage.ts'

/*
 * A backup or a restore is killed in place of one of its writes and renames, from the first to the
 * last. The shadow is what a power cut at that moment leaves.
 */

const seed = Number(process.env['SEED'] ?? 20_261_130)
const compiledIn = mkdtempSync(join(tmpdir(), 'rusher-powercut-'))
const compiled = compilePowercut(compiledIn)
afterAll(() => rmSync(compiledIn, { recursive: true, force: true }))

if ('missing' in compiled) {
  console.warn(compiled.missing)
  test.skipIf(process.env['CI'] !== 'true')('kills can be tested', () => {
    expect.fail(compiled.missing)
  })
}

const entry = fileURLToPath(new URL('./copy-child.ts', import.meta.url))
const event = { kind: 'event', channel: 'chat:a', payload: '{}' } as const

/** Runs a backup or a restore and resolves to its output, which is empty if it was killed. */
async function runCopy(task: CopyTask, environment: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, [entry, JSON.stringify(task)], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString()
  })
  await new Promise((resolve) => child.on('close', resolve))
  return said.trim()
}

describe.skipIf('missing' in compiled)(`a copy that is killed (seed ${seed})`, () => {
  const library = 'library' in compiled ? compiled.library : ''

  /** A database of two events, and a backup of its first; `disk` is watched. */
  async function prepared() {
    const root = realpathSync(temporaryDirectory())
    const disk = join(root, 'base')
    mkdirSync(disk)
    const path = join(disk, 'r.db')
    const storage = await openStorage(path)
    await storage.append([event])
    await backupSqlite(path, join(disk, 'a.db'))
    await storage.append([event])
    await storage.close()
    return { root, disk, epoch: storage.epoch }
  }

  /**
   * Kills runs one after another, each a step later, until one completes. Calls `check` after each.
   */
  async function killEverywhere(
    kind: CopyTask['kind'],
    { root, disk }: { readonly root: string; readonly disk: string },
    check: (place: string) => Promise<void>,
  ): Promise<number> {
    const random = seeded(seed)
    for (let killAfter = 1, killed = 0; ; killAfter += 1 + random(4), killed += 1) {
      const [directory, shadow] = ['disk', 'shadow'].map((name) =>
        join(root, `${name}-${killAfter}`),
      )
      if (directory === undefined || shadow === undefined) throw new Error('there are two names')
      for (const place of [directory, shadow]) cpSync(disk, place, { recursive: true })
      const said = await runCopy(
        { kind, path: join(directory, 'r.db'), file: join(directory, 'a.db'), epoch: 'restored' },
        powercutEnvironment(library, { directory, shadow, killAfter }),
      )
      expect(['', 'done']).toContain(said)
      await check(directory)
      await check(shadow)
      for (const place of [directory, shadow]) rmSync(place, { recursive: true })
      if (said === 'done') return killed
    }
  }

  test('a killed backup leaves the file that was there, or a whole new one', async () => {
    const base = await prepared()
    const old = readFileSync(join(base.disk, 'a.db'))
    const found = new Set<string>()
    const killed = await killEverywhere('backup', base, async (place) => {
      const file = join(place, 'a.db')
      const isOld = readFileSync(file).equals(old)
      found.add(isOld ? 'old' : 'new')
      expect(await verifySqlite(file)).toMatchObject({ events: isOld ? 1 : 2, faults: [] })
      // The next one removes what is left, and works.
      expect(await backupSqlite(join(place, 'r.db'), file, { force: true })).toMatchObject({
        events: 2,
      })
      expect(readdirSync(place).filter((name) => name.includes('partial'))).toEqual([])
    })
    expect(killed).toBeGreaterThan(5)
    expect([...found].sort()).toEqual(['new', 'old'])
  }, 180_000)

  test('a killed restore leaves the old database or the new one, and the next start works', async () => {
    const base = await prepared()
    const found = new Set<string>()
    let finished = 0
    const killed = await killEverywhere('restore', base, async (place) => {
      const path = join(place, 'r.db')
      if (existsSync(`${path}-restore`)) finished += 1
      const { epoch, head } = openedState(path)
      expect([`${base.epoch} 2`, 'restored 1']).toContain(`${epoch} ${head}`)
      found.add(epoch)
      expect((await verifySqlite(path)).faults).toEqual([])
      const left = readdirSync(place).filter((name) => /restor/.test(name))
      expect(left).toEqual([])
      if (epoch === 'restored') {
        const kept = readdirSync(place).find((name) => /-before-\d+T\d+Z$/.test(name)) ?? ''
        expect(openedState(join(place, kept))).toEqual({ epoch: base.epoch, head: 2 })
      }
      const more = { force: true, freshEpoch: 'again', nowMs: Date.now() }
      await restoreSqlite(join(place, 'a.db'), path, more)
      expect(openedState(path)).toEqual({ epoch: 'again', head: 1 })
    })
    expect(killed).toBeGreaterThan(5)
    expect(finished).toBeGreaterThan(0)
    expect([...found].sort()).toEqual([base.epoch, 'restored'].sort())
  }, 180_000)
})

/** Opens a database as a start would. */
function openedState(path: string): { epoch: string; head: number } {
  const { db, meta, close } = openInThread(path)
  try {
    const page = createLogReader(db).after(bytesOfText('chat:a'), 0, 10)
    return { epoch: meta.epoch, head: page?.head ?? 0 }
  } finally {
    close()
  }
}
