import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Position } from '../../protocol/position.ts'
import type { Change, OpenScope, Scope } from '../store/driver.ts'
import type { StoredPublish } from '../store/store.ts'
import type { FileLock } from './file-lock.ts'
import { applyChanges, compact, encodeChange, type JournalState, readJournal } from './journal.ts'

/** A journal is compacted when it is larger than this, and twice as large as necessary. */
export const compactBytes = 256 * 1024

/** One user's data in a file that is appended to, and replaced by a shorter one from time to time. */
export class JournalFile implements OpenScope {
  readonly #path: string
  readonly #scope: Scope
  readonly #lock: FileLock
  readonly #state: JournalState
  readonly publishes: readonly StoredPublish[]
  readonly positions: ReadonlyMap<string, Position>
  #file: FileHandle | undefined
  #bytes = 0
  #compactAt = compactBytes
  /** The last write failed, and may have left half a line. */
  #isTorn = false

  private constructor(path: string, scope: Scope, lock: FileLock, state: JournalState) {
    this.#path = path
    this.#scope = scope
    this.#lock = lock
    this.#state = state
    this.publishes = [...state.publishes.values()]
    this.positions = new Map(state.positions)
  }

  /** Reads a journal, or begins one. The lock is released with `close`. */
  static async open(path: string, scope: Scope, lock: FileLock): Promise<JournalFile> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    const opened = new JournalFile(path, scope, lock, readJournal(text))
    await opened.#compact()
    return opened
  }

  async write(changes: readonly Change[]): Promise<void> {
    const file = this.#file
    if (file === undefined) throw new Error('the journal is not open')
    const lines = changes.map(encodeChange).join('')
    const text = this.#isTorn ? `\n${lines}` : lines
    this.#isTorn = true
    await file.appendFile(text)
    // A removal that is lost costs a repeat, which the server recognizes.
    if (changes.some(({ kind }) => kind === 'put')) await file.datasync()
    this.#isTorn = false
    this.#bytes += Buffer.byteLength(text)
    applyChanges(this.#state, changes)
    if (this.#bytes > this.#compactAt) await this.#compact()
  }

  async close(): Promise<void> {
    await this.#file?.close()
    await this.#lock.release()
  }

  /** Replaces the file by one that holds only what is kept. */
  async #compact(): Promise<void> {
    await this.#lock.check()
    const text = compact(this.#scope, this.#state)
    const next = `${this.#path}.new`
    await rm(next, { force: true })
    const file = await open(next, 'ax', 0o600)
    try {
      await file.appendFile(text)
      await file.datasync()
      await rename(next, this.#path)
      await syncFolder(dirname(this.#path))
    } catch (error) {
      await file.close()
      throw error
    }
    await this.#file?.close()
    this.#file = file
    this.#bytes = Buffer.byteLength(text)
    this.#compactAt = Math.max(compactBytes, 2 * this.#bytes)
  }
}

/** Makes a rename survive a power loss. Windows cannot, and does not need to. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => {})
  await folder?.close()
}
