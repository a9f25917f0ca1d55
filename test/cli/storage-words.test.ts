import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connectRaw } from '../parts/raw-client.ts'
import { runRusher } from '../parts/run-rusher.ts'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'

test.each([
  ['sqlite:./data/x.db', 'sqlite:copy.db'],
  ['./data/x.db', 'copy.db'],
])('serve, verify, backup and restore find the same file as %s', async (storage, backup) => {
  const directory = temporaryDirectory()
  const server = await serve({ directory, storage })
  const client = await connectRaw(server.url)
  expect(await client.say('chat:a', 'kept')).toHaveProperty('ok')
  server.signal('SIGINT')
  expect((await server.exited).code).toBe(0)
  expect(existsSync(join(directory, 'data/x.db'))).toBe(true)

  for (const words of [
    ['verify', storage],
    ['verify', '--storage', storage],
  ]) {
    const verified = await runRusher(directory, words)
    expect(verified).toMatchObject({ code: 0, err: '' })
    expect(verified.out).toContain('1 events')
  }
  const saved = await runRusher(directory, ['backup', '--storage', storage, backup])
  expect(saved).toMatchObject({ code: 0, err: '' })
  expect(existsSync(join(directory, 'copy.db'))).toBe(true)
  const into = ['--storage', storage.replace('x.db', 'y.db')]
  expect(await runRusher(directory, ['restore', ...into, backup])).toMatchObject({
    code: 0,
    err: '',
  })
  expect(await runRusher(directory, ['verify', ...into])).toMatchObject({ code: 0, err: '' })
})

test.each([
  ['verify', 'memory:'],
  ['backup', 'memory:'],
  ['restore', 'memory:'],
  ['verify', 'mongo:x'],
  ['backup', '--storage', 'memory:', 'a.db'],
  ['restore', '--storage', 'postgres://x', 'a.db'],
  ['verify', 'absent.db'],
  ['verify', ''],
])('%s %s: exit 2 with one line', async (...words) => {
  const { code, out, err } = await runRusher(temporaryDirectory(), words)
  expect([code, out]).toEqual([2, ''])
  expect(err).toMatch(/^rusher: .+\n$/)
})

test('verify without a name checks the storage that serve would use here', async () => {
  const directory = temporaryDirectory()
  const server = await serve({ directory, storage: './data/rusher.db' })
  server.signal('SIGINT')
  await server.exited
  expect(await runRusher(directory, ['verify'])).toMatchObject({ code: 0, err: '' })
})
