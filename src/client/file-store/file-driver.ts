import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { User } from '../../protocol/message.ts'
import type { Driver, OpenScope, Scope } from '../store/driver.ts'
import { parseJson, parseUser } from '../store/parse-stored.ts'
import type { ClearOptions } from '../store/store.ts'
import { FileLock } from './file-lock.ts'
import { parseHeader } from './journal.ts'
import { JournalFile } from './journal-file.ts'

/** Keeps each scope in a file of a folder. */
export class FileDriver implements Driver {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async open(scope: Scope): Promise<OpenScope> {
    await mkdir(this.#folder, { recursive: true })
    const name = join(this.#folder, nameOf([scope.server, scope.user]))
    const lock = await FileLock.acquire(`${name}.lock`)
    try {
      return await JournalFile.open(`${name}.jsonl`, scope, lock)
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  async loadGuest(server: string): Promise<User | undefined> {
    return parseUser(parseJson(await readIfThere(this.#guestFile(server))))
  }

  async saveGuest(server: string, { id, name }: User): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    await writeFile(this.#guestFile(server), JSON.stringify({ id, name }))
  }

  async clear({ user }: ClearOptions): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name)
      if (name.endsWith('.guest')) {
        const guest = parseUser(parseJson(await readIfThere(path)))
        if (user === undefined || guest?.id === user) await rm(path, { force: true })
      } else if (name.endsWith('.jsonl')) {
        const owner = parseHeader((await readIfThere(path)) ?? '')?.user
        if (user === undefined || owner === user) await this.#delete(path)
      }
    }
  }

  /** Deletes a journal that no other process uses. */
  async #delete(path: string): Promise<void> {
    const lock = await FileLock.acquire(path.replace(/\.jsonl$/, '.lock'))
    try {
      await rm(path, { force: true })
    } finally {
      await lock.release()
    }
  }

  #guestFile(server: string): string {
    return join(this.#folder, `${nameOf([server])}.guest`)
  }
}

/** A file name for texts that may hold any character. */
function nameOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
