import type { RusherError } from '../../src/protocol/index.ts'
import { openSqliteStorage } from '../../src/server/storage/sqlite/sqlite-storage.ts'
import type { FilingSizes } from '../../src/server/storage/sqlite/write-buffer.ts'

/*
 * Uses a database in a process of its own, to be killed. Says one thing a line:
 *
 *   open                    the database is open
 *   ack CHANNEL OFFSET N    event N of a channel was acknowledged at an offset
 *   error CODE CHANNEL N    it was refused
 *   compacted THROUGH       a compaction of `chat:a` was acknowledged
 *   failed CODE             the storage says that it failed
 *   refused CODE MESSAGE    it could not be opened
 *   end                     there is nothing left to do
 */

export interface ChildTask {
  readonly path: string
  readonly synchronous: 'FULL' | 'NORMAL'
  /** Events each of four channels gets, one after another. */
  readonly events: number
  /** Compacts `chat:a` after each so many events. */
  readonly compactEvery?: number
  readonly close: boolean
  readonly filing?: FilingSizes
}

const task = JSON.parse(process.argv[2] ?? '{}') as ChildTask
const say = (line: string) => process.stdout.write(`${line}\n`)

const storage = await openSqliteStorage({
  path: task.path,
  createDirectory: true,
  makeEpoch: () => `epoch-${process.pid}`,
  now: Date.now,
  synchronous: task.synchronous,
  ...(task.filing === undefined ? {} : { filing: task.filing }),
}).catch((error: RusherError) => {
  say(`refused ${error.code} ${error.message}`)
  process.exit(1)
})
say('open')
storage.failed.then(({ code }) => say(`failed ${code}`))
await Promise.all(['chat:a', 'chat:b', 'chat:c', 'chat:d'].map(appendAll))
if (task.close) await storage.close().catch(() => undefined)
say('end')

async function appendAll(channel: string): Promise<void> {
  for (let n = 1; n <= task.events; n += 1) {
    try {
      const key = `key-${n}`
      const payload = JSON.stringify({ n, text: 'x'.repeat((n * 37) % 400) })
      const [result] = await storage.append([{ kind: 'event', channel, payload, key, keySum: n }])
      if (result?.kind === 'appended') say(`ack ${channel} ${result.offset} ${n}`)
      if (channel === 'chat:a' && n % (task.compactEvery ?? Number.POSITIVE_INFINITY) === 0) {
        await storage.compact(channel, n - 3, JSON.stringify({ through: n - 3 }))
        say(`compacted ${n - 3}`)
      }
    } catch (error) {
      say(`error ${(error as RusherError).code} ${channel} ${n}`)
    }
  }
}
