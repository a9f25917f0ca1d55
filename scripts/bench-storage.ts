/**
 * What the SQLite keeper does with events for few and for many channels, with few and with many in flight, and beside it the same with each event
 * written to its place at once. `npm run bench:storage [-- --seconds <number>] [--folder <path>]`
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeOrderedId } from '../src/client/make-id.ts'
import {
  openSqliteStorage,
  type SqliteStorage,
} from '../src/server/storage/sqlite/sqlite-storage.ts'
import { filingSizes } from '../src/server/storage/sqlite/write-buffer.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    folder: { type: 'string', default: tmpdir() },
  },
})
const seconds = Number(values.seconds)
if (!(seconds > 0)) throw new Error('--seconds takes a number above 0')

const ways = {
  filed: filingSizes,
  'at once': { ...filingSizes, spreadEvents: Number.MAX_SAFE_INTEGER },
} as const
const shapes = [
  { channels: 1, inFlight: 1 },
  { channels: 1, inFlight: 1_000 },
  { channels: 1_000, inFlight: 10 },
  { channels: 1_000, inFlight: 60 },
  { channels: 1_000, inFlight: 1_000 },
  { channels: 1_000, inFlight: 10_000 },
  { channels: 10_000, inFlight: 1_000 },
] as const
/** Events that each channel has before it is measured, as far as they are not too many. */
const before = { perChannel: 100, max: 200_000, perAppend: 4_000 }
const payload = JSON.stringify({ at: 1_795_897_996_085, user: { id: 'u' }, body: 'x'.repeat(140) })

type Shape = (typeof shapes)[number]

interface Measured {
  readonly perSecond: number
  readonly cpuUs: number
  readonly bytes: number
  readonly perCommit: number
  readonly p50Ms: number
  readonly p99Ms: number
}

let commits = { count: 0, items: 0 }

const eventOf = (no: number, channels: number) =>
  ({
    kind: 'event',
    channel: `chat:${(no * 7_919) % channels}`,
    payload,
    // As our client makes them. The index of keys is written all over where they are random.
    key: makeOrderedId(Date.now()),
    keySum: no % 1_000_003,
  }) as const

async function fill(storage: SqliteStorage, channels: number): Promise<void> {
  const count = Math.min(before.max, channels * before.perChannel)
  for (let no = 0; no < count; no += before.perAppend) {
    const length = Math.min(before.perAppend, count - no)
    await storage.append(Array.from({ length }, (_, index) => eventOf(no + index, channels)))
  }
}

/** Each of so many callers appends one event after another. */
async function load(storage: SqliteStorage, { channels, inFlight }: Shape, forMs: number) {
  const tookMs: number[] = []
  const endMs = performance.now() + forMs
  let no = 0
  const call = async (): Promise<void> => {
    for (let startMs = performance.now(); startMs < endMs; ) {
      no += 1
      await storage.append([eventOf(no, channels)])
      const nowMs = performance.now()
      tookMs.push(nowMs - startMs)
      startMs = nowMs
    }
  }
  await Promise.all(Array.from({ length: inFlight }, call))
  return tookMs.sort((a, b) => a - b)
}

function bytesWritten(): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'latin1'))?.[1] ?? 0)
}

async function measure(shape: Shape, filing: typeof filingSizes): Promise<Measured> {
  const folder = mkdtempSync(join(values.folder, 'rusher-bench-'))
  const storage = await openSqliteStorage({
    path: join(folder, 'rusher.db'),
    createDirectory: true,
    makeEpoch: randomUUID,
    now: Date.now,
    filing,
    onCommit({ items }) {
      commits = { count: commits.count + 1, items: commits.items + items }
    },
  })
  try {
    await fill(storage, shape.channels)
    await load(storage, shape, (seconds * 1_000) / 4)
    commits = { count: 0, items: 0 }
    const bytes = bytesWritten()
    const cpu = process.cpuUsage()
    const tookMs = await load(storage, shape, seconds * 1_000)
    const { user, system } = process.cpuUsage(cpu)
    const events = tookMs.length
    return {
      perSecond: events / seconds,
      cpuUs: (user + system) / events,
      bytes: (bytesWritten() - bytes) / events,
      perCommit: commits.items / commits.count,
      p50Ms: tookMs[Math.floor(events * 0.5)] ?? 0,
      p99Ms: tookMs[Math.floor(events * 0.99)] ?? 0,
    }
  } finally {
    await storage.close()
    rmSync(folder, { recursive: true })
  }
}

const heading = [
  'channels',
  'in flight',
  'way',
  'events/s',
  'to a commit',
  'CPU',
  'written',
  'p50',
  'p99',
]
console.log(`| ${heading.join(' | ')} |\n|${heading.map(() => '---:').join('|')}|`)
for (const shape of shapes) {
  for (const [way, filing] of Object.entries(ways)) {
    const { perSecond, perCommit, cpuUs, bytes, p50Ms, p99Ms } = await measure(shape, filing)
    const cells = [
      shape.channels.toLocaleString('en-US'),
      shape.inFlight.toLocaleString('en-US'),
      way,
      Math.round(perSecond).toLocaleString('en-US'),
      perCommit.toFixed(0),
      `${cpuUs.toFixed(1)} µs`,
      `${(bytes / 1_000).toFixed(1)} kB`,
      `${p50Ms.toFixed(1)} ms`,
      `${p99Ms.toFixed(1)} ms`,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}
