import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { connect } from '../../src/client/index.ts'
import { connectRaw, joinedAt } from '../parts/raw-client.ts'
import { runRusher } from '../parts/run-rusher.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

const storage = ['--storage', 'sqlite:rusher.db'] as const

describe.each(shapes)('a backup of a running server, and its restore, $shape', ({ edges }) => {
  test('a reader that saw later events is notified of a gap and never gets others at their offsets', async () => {
    const directory = temporaryDirectory()
    const server = await serve({ directory, edges })
    const writer = await connectRaw(server.url, { id: 'writer' })
    await writer.join('chat:a')
    for (const text of ['1', '2']) await writer.say('chat:a', text)
    const backup = await runRusher(directory, ['backup', 'monday.db', ...storage])
    expect(backup).toMatchObject({ code: 0, err: '' })
    expect(backup.out).toMatch(
      /^monday\.db: 1 channels, 2 events, .* as of commit \d+ of rusher\.db/,
    )
    for (const text of ['3', '4', '5']) await writer.say('chat:a', text)
    const { position } = joinedAt(await (await connectRaw(server.url)).join('chat:a'))
    expect(position.offset).toBe(5)

    const refused = await runRusher(directory, ['restore', '--force', 'monday.db', ...storage])
    expect(refused.code).toBe(1)
    expect(refused.err).toMatch(/in use by process \d+.*stop the server, restore, then start it/)
    server.signal('SIGINT')
    await server.exited
    const restored = await runRusher(directory, ['restore', '--force', 'monday.db', ...storage])
    expect(restored).toMatchObject({ code: 0, err: '' })
    expect(restored.out).toMatch(
      /2 events as of commit .*previous database is now .*rusher\.db-before-/,
    )

    const again = await serve({ directory, edges })
    const other = await connectRaw(again.url, { id: 'writer' })
    await other.join('chat:a')
    // The log catches up with what the reader saw, under the same offsets.
    for (const text of ['others 3', 'others 4', 'others 5', 'others 6']) {
      expect((await other.say('chat:a', text)).error).toBeUndefined()
    }
    const reader = await connectRaw(again.url)
    const joined = joinedAt(await reader.join('chat:a', { since: position }))
    expect(joined.recovered).toBe(false)
    expect(joined.gap).toEqual({ from: 1, to: 6, reason: 'epoch' })
    expect(joined.position.epoch).not.toBe(position.epoch)
    expect(joined.position.offset).toBe(6)
  })

  test('a client that is connected over the restore ends with what the restored log has', async () => {
    const directory = temporaryDirectory()
    const server = await serve({ directory, edges })
    const client = connect(server.url, { user: { id: 'ada' } })
    const channel = client.channel('chat:a')
    const gaps: unknown[] = []
    channel.on('gap', (gap) => gaps.push(gap))
    await channel.publish({ kind: 'say', text: 'in the backup' })
    expect((await runRusher(directory, ['backup', 'a.db', ...storage])).code).toBe(0)
    await channel.publish({ kind: 'say', text: 'after the backup' })
    const texts = () => channel.getSnapshot().events.map((event) => JSON.stringify(event))
    await until('both are seen', () => texts().length === 2)
    server.signal('SIGINT')
    await server.exited
    expect((await runRusher(directory, ['restore', 'a.db', '--force', ...storage])).code).toBe(0)
    await serve({ directory, edges, port: server.port })
    const { position } = await channel.publish({ kind: 'say', text: 'after the restore' })
    expect(position?.offset).toBe(2)
    await until('it is seen', () => texts().some((text) => text.includes('after the restore')))
    expect(gaps).toEqual([expect.objectContaining({ reason: 'epoch' })])
    expect(texts().filter((text) => text.includes('after the backup'))).toEqual([])
    const { events } = await channel.history()
    expect(events.map(({ offset }) => offset)).toEqual([1, 2])
    expect(JSON.stringify(events)).toMatch(/in the backup.*after the restore/)
    client.close()
  })
})

describe('the commands backup and restore', () => {
  test('take the database of the configuration, and say in JSON what they did', async () => {
    const directory = temporaryDirectory()
    const config = `{ storage: 'sqlite:${join(directory, 'configured.db')}' }`
    const server = await serve({
      directory,
      config,
      storage: `sqlite:${join(directory, 'configured.db')}`,
    })
    const writer = await connectRaw(server.url)
    await writer.say('chat:a', '1')
    const path = join(directory, 'configured.db')
    const backup = await runRusher(directory, ['backup', 'a.db', '--json'])
    expect(JSON.parse(backup.out)).toMatchObject({
      v: 1,
      event: 'backed-up',
      path,
      file: 'a.db',
      channels: 1,
      events: 1,
    })
    server.signal('SIGINT')
    await server.exited
    const without = await runRusher(directory, ['restore', 'a.db', '--json'])
    expect(without).toMatchObject({ code: 2, out: '' })
    expect(without.err).toMatch(/already.*--force/)
    const restored = await runRusher(directory, ['restore', 'a.db', '--json', '--force'])
    const { keptAs, ...result } = JSON.parse(restored.out) as { keptAs: string }
    expect(result).toMatchObject({ event: 'restored', path, file: 'a.db', events: 1 })
    expect(readdirSync(directory)).toContain(keptAs.slice(directory.length + 1))
    const verified = await runRusher(directory, ['verify', path])
    expect(verified).toMatchObject({ code: 0 })
  })

  test('exit with 2 for wrong usage and with 1 on failure, with a one-line reason', async () => {
    const directory = temporaryDirectory()
    const cases = [
      { words: ['backup', 'a.db', '--storage', 'memory:'], code: 2, says: /'memory:'/ },
      { words: ['backup', 'a.db', '--storage', 'sqlite:none.db'], code: 1, says: /does not exist/ },
      { words: ['backup'], code: 2, says: /missing required argument/ },
      { words: ['restore', 'none.db'], code: 2, says: /no such backup: none\.db/ },
    ]
    for (const { words, code, says } of cases) {
      const ran = await runRusher(directory, words)
      expect({ words, code: ran.code, out: ran.out }).toEqual({ words, code, out: '' })
      expect(ran.err).toMatch(says)
      expect(ran.err).not.toMatch(/\n\s+at /)
    }
  })
})
