import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectRaw } from '../parts/raw-client.ts'
import { runServe, type ServeOptions, serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'

/** Runs a server that must not start. */
async function failing(options: ServeOptions) {
  const run = runServe(options)
  const { code } = await run.exited
  const failed = run.events.find(({ event }) => event === 'failed')
  return { code, why: failed?.code, errors: run.errors(), events: run.events.length }
}

describe.each(shapes)('a server that cannot start says why, $shape', ({ edges }) => {
  test.each([
    ['throws', "(() => { throw new Error('no such luck') })()", 'no such luck'],
    ['is no JavaScript', '{ port: ', 'rusher.config.mjs'],
    ['exports nothing', 'undefined', 'default export'],
    ['has an unknown key', '{ prot: 8080 }', "no setting 'prot'"],
    ['has an unknown limit', '{ limits: { frameBytes: 1 } }', 'frameBytes'],
    ['has a limit that is none', '{ limits: { frameBytesMax: -1 } }', 'frameBytesMax'],
    ['has an app without parse', "{ apps: [{ name: 'x', decide() {} }] }", 'apps.0.parse'],
    ['has a short secret', "{ auth: { secret: 'short' } }", 'at least 32'],
  ])('a configuration that %s: exit 2', async (what, config, text) => {
    const result = await failing({ directory: temporaryDirectory(), edges, config })
    expect(result).toMatchObject({ code: 2, events: 1 })
    expect(result.why).toMatch(/^CONFIG/)
    expect(result.errors).toContain(text)
    const inFile = !what.includes('limit') && !what.includes('secret')
    if (inFile) expect(result.errors).toContain('rusher.config.mjs')
  })

  test('a configuration file that is not there: exit 2, and its path', async () => {
    const directory = temporaryDirectory()
    const flags = ['--config', 'nowhere.mjs']
    const { code, why, errors } = await failing({ directory, edges, flags })
    expect([code, why]).toEqual([2, 'CONFIG_FILE'])
    expect(errors).toContain(join(directory, 'nowhere.mjs'))
  })

  test('an unknown variable of the environment, or an unknown flag: exit 2', async () => {
    const directory = temporaryDirectory()
    const environment = { RUSHER_PROT: '1' }
    const variable = await failing({ directory, edges, environment })
    expect(variable.code).toBe(2)
    expect(variable.errors).toContain('RUSHER_PROT')
    const flag = await failing({ directory, edges, flags: ['--prot', '1'] })
    expect(flag.code).toBe(2)
    expect(flag.errors).toContain('--prot')
  })

  test.each([
    ['--port', '99999', 'from 0 to 65535'],
    ['--port', 'abc', 'from 0 to 65535'],
    ['--port', '-1', 'from 0 to 65535'],
    ['--static', 'nowhere', 'no folder'],
    ['--static', 'file.txt', 'not a folder'],
    ['--host', '', 'host'],
    ['--origin', 'app.example.com', 'https://app.example.com'],
    ['--storage', 'memory', 'memory:'],
  ])('%s %s: exit 2, and what is possible', async (flag, value, text) => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'file.txt'), '')
    const { code, errors } = await failing({ directory, edges, flags: [flag, value] })
    expect(code).toBe(2)
    expect(errors).toContain(text)
    expect(errors).not.toMatch(/^\s+at /m)
    expect(errors.trim().split('\n').length).toBeLessThanOrEqual(2)
  })

  test('a port in use: exit 1, and what to do', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const result = await failing({ directory: temporaryDirectory(), edges, port })
    expect(result).toMatchObject({ code: 1, why: 'PORT_IN_USE' })
    expect(result.errors).toContain(`port ${port}`)
    expect(result.errors).toContain('--port')
  })

  test('another server on the same database: exit 1, and the first goes on', async () => {
    const directory = temporaryDirectory()
    const first = await serve({ directory, edges })
    const result = await failing({ directory, edges })
    expect(result).toMatchObject({ code: 1, why: 'STORAGE_IN_USE' })
    const client = await connectRaw(first.url)
    expect(await client.say('chat:a', 'still here')).toHaveProperty('ok')
  })

  test.each([
    ['a folder', (directory: string) => directory],
    ['in a file', (directory: string) => join(directory, 'file', 'r.db')],
  ])('a storage path that is %s: exit 1, and the path', async (_what, pathOf) => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'file'), '')
    const path = pathOf(directory)
    const result = await failing({ directory, edges, storage: `sqlite:${path}` })
    expect(result.code).toBe(1)
    expect(result.why).toMatch(/^STORAGE_/)
    expect(result.errors).toContain(path)
  })

  test('a folder without the right to write: exit 1', async () => {
    const directory = temporaryDirectory()
    const locked = join(directory, 'locked')
    mkdirSync(locked)
    lock(locked)
    const result = await failing({ directory, edges, storage: `sqlite:${join(locked, 'r.db')}` })
    expect(result.code).toBe(1)
    expect(result.errors).toContain(locked)
  })

  test('a database of a newer version, or of another program, is refused and left as it is', async () => {
    const directory = temporaryDirectory()
    const server = await serve({ directory, edges })
    server.signal('SIGINT')
    await server.exited
    const path = join(directory, 'rusher.db')
    const database = new Database(path)
    database.pragma('user_version = 999')
    database.close()
    const newer = await failing({ directory, edges })
    expect(newer).toMatchObject({ code: 1, why: 'STORAGE_NEWER' })
    expect(newer.errors).toContain(path)

    const foreign = join(directory, 'foreign.db')
    const other = new Database(foreign)
    other.exec('CREATE TABLE theirs (a)')
    other.close()
    const refused = await failing({ directory, edges, storage: `sqlite:${foreign}` })
    expect(refused).toMatchObject({ code: 1, why: 'STORAGE_FOREIGN' })
  })

  test('storage of an unknown kind: exit 2', async () => {
    const result = await failing({ directory: temporaryDirectory(), edges, storage: 'mongo:x' })
    expect(result).toMatchObject({ code: 2, why: 'CONFIG' })
  })
})

/** Makes a folder that cannot be written to. Root may write whatever the mode says, but not to a mount that is read-only. */
function lock(folder: string): void {
  chmodSync(folder, 0o500)
  if (process.getuid?.() !== 0) return
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', folder])
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder])
  })
}
