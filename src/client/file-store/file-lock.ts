import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { parseJson } from '../store/parse-stored.ts'
import { StoreLockedError } from '../store/store-error.ts'
import { isSameProcess, startOf } from './process-start.ts'

/** How often a holder shows that it lives. */
export const beatMs = 10_000
/** A lock whose holder cannot be asked counts as abandoned after this time without a sign. */
export const abandonedMs = 30_000

/** Who holds a lock. */
interface Holder {
  readonly token: string
  readonly host: string
  readonly pid: number
  /** When the process started, in a unit of the machine; absent where that cannot be known. */
  readonly start?: string
}

/**
 * A lock file. Node has no lock that ends with its process, so the file says who holds it: a
 * process of this host is looked up, one of another host (or container) has to renew the file.
 */
export class FileLock {
  readonly #path: string
  readonly #text: string
  readonly #timer: NodeJS.Timeout

  private constructor(path: string, text: string) {
    this.#path = path
    this.#text = text
    this.#timer = setInterval(() => {
      const now = new Date()
      utimes(path, now, now).catch(() => {})
    }, beatMs)
    this.#timer.unref()
  }

  /** Takes the lock. Throws a StoreLockedError when another process holds it. */
  static async acquire(path: string): Promise<FileLock> {
    const { pid } = process
    const start = await startOf(pid)
    const holder: Holder = { token: randomUUID(), host: hostname(), pid, ...(start && { start }) }
    const text = JSON.stringify(holder)
    if (await create(path, text)) return new FileLock(path, text)
    if (await removeAbandoned(path)) {
      if (await create(path, text)) return new FileLock(path, text)
    }
    throw new StoreLockedError(`another client holds ${path}`)
  }

  /** Throws a StoreLockedError when the lock was lost. */
  async check(): Promise<void> {
    if ((await read(this.#path)) !== this.#text) throw new StoreLockedError(`lost ${this.#path}`)
  }

  async release(): Promise<void> {
    clearInterval(this.#timer)
    if ((await read(this.#path)) === this.#text) await rm(this.#path, { force: true })
  }
}

/** Creates the lock file. False when there is one. */
async function create(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Removes the lock of a holder that is gone. False when the holder lives. */
async function removeAbandoned(path: string): Promise<boolean> {
  const text = await read(path)
  if (text === undefined) return true
  if (!(await isAbandoned(path, parseHolder(text)))) return false
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch {
    // Another process was faster.
    return false
  }
  const taken = await read(aside)
  if (taken === text) {
    await rm(aside, { force: true })
    return true
  }
  // It was renewed between the two looks, and goes back to its holder.
  if (taken !== undefined) await create(path, taken)
  await rm(aside, { force: true })
  return false
}

async function isAbandoned(path: string, holder: Holder | undefined): Promise<boolean> {
  if (holder?.host === hostname()) {
    const same = await isSameProcess(holder.pid, holder.start)
    if (same !== 'unknown') return !same
  }
  const file = await stat(path).catch(() => undefined)
  return file === undefined || Date.now() - file.mtimeMs > abandonedMs
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

function parseHolder(text: string): Holder | undefined {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null) return undefined
  const { token, host, pid, start } = value as Record<string, unknown>
  if (typeof token !== 'string' || typeof host !== 'string') return undefined
  if (!Number.isSafeInteger(pid)) return undefined
  return { token, host, pid: Number(pid), ...(typeof start === 'string' && { start }) }
}
