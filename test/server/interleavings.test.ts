import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Position } from '../../src/protocol/index.ts'
import { createServer, openSqliteStorage, type RusherServer } from '../../src/server/index.ts'
import { type Attempt, checkHistory, type SubscriptionStep } from '../../src/testing/index.ts'
import { connectRaw, type RawClient } from '../parts/raw-client.ts'
import { readLog } from '../parts/read-log.ts'
import { seed } from '../parts/seed.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

const channel = 'chat:a'

/** A reader that comes and goes, and what it was given. */
interface Reader {
  client: RawClient | undefined
  position: Position | undefined
  taken: number
  readonly steps: SubscriptionStep[]
}

/** Publish, publish again, trim, restart, leave and come back, in an order that the seed gives, beside a model of the log. */
async function live(runSeed: number): Promise<void> {
  const random = mulberry32(runSeed)
  const path = join(temporaryDirectory(), 'r.db')
  const reader: Reader = { client: undefined, position: undefined, taken: 0, steps: [] }
  const attempts: Attempt[] = []
  const published: string[] = []
  let begin = 1
  let time = 0
  let { server, storage } = await start(path)
  let writer = await connectRaw(server.url ?? '', { id: 'writer' })

  async function publish(id: string): Promise<void> {
    const invokedMs = time++
    const { ok } = await writer.say(channel, `text of ${id}`, id)
    const offset = ok?.position?.offset
    expect(offset, `${id} was refused`).toBeDefined()
    attempts.push({
      channel,
      id,
      invokedMs,
      outcome: { kind: 'ok', offset: offset ?? 0, atMs: time++ },
    })
    if (ok?.duplicate !== true) published.push(id)
    // The model: an id that the log still has keeps its place, a new one goes to the end.
    expect(offset).toBe(published.lastIndexOf(id) + 1)
  }

  async function comeBack(): Promise<void> {
    if (reader.client !== undefined) return
    const client = await connectRaw(server.url ?? '', { id: 'reader' })
    const since = reader.position
    const joined = await client.join(channel, since === undefined ? {} : { since })
    if ('error' in joined) throw new Error(joined.error.code)
    reader.client = client
    // From its first message: events may have come in the frame of the reply.
    reader.taken = 0
    expect(joined.position.offset).toBe(published.length)
    if (since === undefined) {
      reader.position = joined.position
      reader.steps.push({ kind: 'start', after: joined.position.offset })
      return
    }
    reader.steps.push({ kind: 'resume', after: since.offset })
    if (joined.gap !== undefined) takeGap(joined.gap, since)
  }

  function takeGap(gap: { from: number; to: number }, since: Position): void {
    // Exactly what was missed and is gone, and nothing else.
    // Several gaps may follow one another: what was cut meanwhile is told when the log is read.
    expect(gap).toMatchObject({ from: since.offset + 1, reason: 'trimmed' })
    expect(gap.to).toBeLessThan(begin)
    reader.steps.push({ kind: 'gap', from: gap.from, to: gap.to })
    reader.position = { epoch: since.epoch, offset: gap.to }
  }

  /** Reads until the head. */
  async function read(): Promise<void> {
    const { client } = reader
    if (client === undefined) return
    await until('the reader is at the head', () => {
      for (const message of client.messages.slice(reader.taken)) {
        reader.taken += 1
        const { position } = reader
        if (position === undefined) throw new Error('a member has no position')
        if (message.type === 'gap') takeGap(message.gap, position)
        if (message.type !== 'event') continue
        reader.steps.push({ kind: 'event', offset: message.offset, id: message.id })
        reader.position = { ...position, offset: message.offset }
      }
      return reader.position?.offset === published.length
    })
  }

  for (let step = 0; step < 60; step += 1) {
    const roll = random()
    if (roll < 0.5) {
      for (let n = 0; n < 1 + random() * 8; n += 1) await publish(`id-${published.length}-${step}`)
    } else if (roll < 0.6 && published.length >= begin) {
      await publish(
        published[begin - 1 + Math.floor(random() * (published.length - begin + 1))] ?? '',
      )
    } else if (roll < 0.7) {
      await read()
      reader.client?.drop()
      reader.client = undefined
    } else if (roll < 0.8 && published.length > begin && reader.client === undefined) {
      begin += 1 + Math.floor(random() * (published.length - begin))
      await storage.compact(channel, begin - 1)
    } else if (roll < 0.88) {
      await read()
      reader.client = undefined
      writer.drop()
      await server.close()
      ;({ server, storage } = await start(path))
      writer = await connectRaw(server.url ?? '', { id: 'writer' })
    } else await comeBack()
  }

  await comeBack()
  await read()
  const log = await readLog(writer, channel)
  expect(log.begin ?? 1).toBe(begin)
  const kept = new Set(published.slice(begin - 1))
  const faults = checkHistory({
    logs: [log],
    attempts: attempts.filter(({ id }) => kept.has(id)),
    subscriptions: [],
  })
  expect(faults).toEqual([])
  judgeReader(reader, published)
  await server.close()
}

/** Holds what a reader was given against all that was ever published, of which the log has only the end. */
function judgeReader({ steps }: Reader, published: readonly string[]): void {
  let last = 0
  for (const step of steps) {
    if (step.kind === 'start') last = step.after
    else if (step.kind === 'resume') expect(step.after).toBe(last)
    else if (step.kind === 'gap') {
      expect(step.from).toBe(last + 1)
      last = step.to
    } else {
      expect(step.offset).toBe(last + 1)
      expect(step.id).toBe(published[last])
      last = step.offset
    }
  }
  expect(last).toBe(published.length)
}

async function start(path: string): Promise<{
  server: RusherServer
  storage: Awaited<ReturnType<typeof openSqliteStorage>>
}> {
  const storage = await openSqliteStorage({
    path,
    createDirectory: true,
    makeEpoch: () => 'epoch',
    now: Date.now,
  })
  const limits = { publishesPerSecond: 1e6, commandsPerSecond: 1e6 }
  return { storage, server: await createServer({ port: 0, storage, limits }) }
}

function mulberry32(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

test.each(Array.from({ length: 12 }, (_, index) => seed + index))(
  'seed %i: whatever the order, a reader gets every event or the exact range that is gone',
  live,
)

test('what one turn brings to a session travels in one frame', async () => {
  const { server } = await start(join(temporaryDirectory(), 'r.db'))
  const reader = await connectRaw(server.url ?? '', { id: 'reader' })
  await reader.join(channel)
  const writer = await connectRaw(server.url ?? '', { id: 'writer' })
  const frames = reader.frames.length
  const publishes = Array.from({ length: 10 }, (_, index) => ({
    type: 'publish',
    ref: 100 + index,
    channel,
    id: `one-turn-${index}`,
    body: { kind: 'say', text: `${index}` },
  }))
  writer.send(JSON.stringify(publishes))
  await until('ten events', () => reader.events(channel).length === 10)
  expect(reader.frames.length - frames).toBe(1)
  await server.close()
})
