import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { RusherError } from '../../../src/protocol/index.ts'
import {
  createMemoryStorage,
  createServer,
  type RusherServer,
  type ServerOptions,
} from '../../../src/server/index.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { temporaryDirectory } from '../../parts/temporary-directory.ts'

/** A storage whose disk can be broken and mended. */
export interface BreakableStorage extends Storage {
  /** Appends are refused, as by a full disk. */
  full: boolean
  /** Nothing can be read. */
  unreadable: boolean
  /** Appends wait until this is false again. */
  held: boolean
  /** Snapshots come back with a byte changed. */
  bending: boolean
}

export function createBreakableStorage(): BreakableStorage {
  const kept = createMemoryStorage({ epoch: 'e' })
  const waiting: (() => void)[] = []
  let held = false
  const guard = async <Result>(read: () => Promise<Result>): Promise<Result> => {
    if (broken.unreadable) throw new RusherError('STORAGE_UNAVAILABLE', 'the test broke the disk')
    return read()
  }
  const broken: BreakableStorage = {
    ...kept,
    durability: 'disk',
    full: false,
    unreadable: false,
    bending: false,
    get held() {
      return held
    },
    set held(value) {
      held = value
      if (!value) for (const go of waiting.splice(0)) go()
    },
    async append(batch) {
      if (held) await new Promise<void>((resolve) => waiting.push(resolve))
      if (broken.full) throw new RusherError('STORAGE_FULL', 'the test filled the disk')
      return kept.append(batch)
    },
    open: (channel) => guard(() => kept.open(channel)),
    readAfter: (...given) => guard(() => kept.readAfter(...given)),
    async readSnapshot(channel) {
      const snapshot = await guard(() => kept.readSnapshot(channel))
      if (!broken.bending || snapshot === undefined || typeof snapshot.payload === 'string')
        return snapshot
      const payload = snapshot.payload.slice()
      payload[payload.length - 3] = (payload.at(-3) ?? 0) ^ 1
      return { ...snapshot, payload }
    },
    // Another server of the same test finds what was kept.
    close: () => Promise.resolve(),
    async probe() {
      if (broken.full) throw new RusherError('STORAGE_FULL', 'the test filled the disk')
    },
  }
  return broken
}

const edgeMain = fileURLToPath(new URL('../../../dist/src/cli/serve/edge-main.js', import.meta.url))

/**
 * A server in the test's own process, closed with it; its edges, if it has any, are processes of
 * their own with defaults.
 */
export async function startServer(
  options: ServerOptions = {},
  edges = 0,
): Promise<RusherServer & { readonly url: string }> {
  const cwd = temporaryDirectory()
  const launch = () =>
    spawn(process.execPath, [edgeMain, JSON.stringify({ flags: {} })], {
      cwd,
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    })
  const server = await createServer(
    { port: 0, storage: 'memory:', ...options },
    edges === 0 ? undefined : { count: edges, launch },
  )
  onTestFinished(async () => {
    await server.close({ deadlineMs: 500 })
  })
  if (server.url === undefined) throw new Error('the server does not listen')
  return server as RusherServer & { readonly url: string }
}
