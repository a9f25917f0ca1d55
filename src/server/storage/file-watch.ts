import { closeSync, fstatSync, openSync, readlinkSync, statSync } from 'node:fs'
import { headFileSuffix } from './head-file.ts'
import { readRawMeta } from './raw-meta.ts'

/** What became of one of the files, seen from outside: whoever starts next would not find what is written now. */
export interface Vanishing {
  readonly message: string
  /** Whether what is in the write-ahead log can still be brought into the file that is open. */
  readonly isSound: boolean
}

/** One of the files, as it was when it was opened. */
interface Known {
  readonly path: string
  readonly dev: number
  readonly ino: number
  /** It never gets smaller than this by what the writer does. */
  size: number
}

interface WatchOptions {
  readonly path: string
  /** Size below which SQLite does not cut the write-ahead log by itself. */
  readonly logBytesKept: number
}

/**
 * Looks whether the files of an open database are still the ones under their names. An open file outlives its name: SQLite
 * goes on writing into one that was removed, and says that all is well.
 *
 * It holds a descriptor of the database of its own, since closing one drops SQLite's locks: close it after the database.
 */
export class FileWatch {
  readonly #options: WatchOptions
  readonly #file: number
  readonly #database: Known
  readonly #log: Known
  /** What only has to be there. */
  readonly #others: readonly Known[]
  readonly #epoch: string | undefined
  #checkpointNo: number

  /** The database is open, and the files beside it are there. */
  constructor(options: WatchOptions) {
    const { path } = options
    this.#options = options
    this.#file = openSync(path, 'r')
    this.#database = knownOf(path)
    this.#log = knownOf(`${path}-wal`)
    this.#others = ['-shm', headFileSuffix, '-lock'].map((suffix) => knownOf(path + suffix))
    const meta = readRawMeta(this.#file)
    this.#epoch = meta?.epoch
    this.#checkpointNo = meta?.commitNo ?? 0
  }

  /** Looks at the database and its write-ahead log: two stats, for before a commit. */
  lookBriefly(): Vanishing | undefined {
    return (
      this.#lookAt(this.#database, Number.MAX_SAFE_INTEGER) ??
      this.#lookAt(this.#log, this.#options.logBytesKept)
    )
  }

  /** Looks at all files, and whether what is in the database is still its own. */
  look(): Vanishing | undefined {
    const brief = this.lookBriefly()
    if (brief !== undefined) return brief
    for (const known of this.#others) {
      const vanishing = this.#lookAt(known, 0)
      if (vanishing !== undefined) return vanishing
    }
    return this.#lookInside()
  }

  /** The writer has changed the database's file, and may have emptied its log. */
  checkpointed(): void {
    this.#log.size = 0
    if (this.#epoch === undefined) return
    this.#checkpointNo = readRawMeta(this.#file)?.commitNo ?? this.#checkpointNo
  }

  close(): void {
    closeSync(this.#file)
  }

  #lookAt(known: Known, keptBytes: number): Vanishing | undefined {
    let stats: ReturnType<typeof statSync>
    try {
      stats = statSync(known.path, { throwIfNoEntry: false })
    } catch (error) {
      return this.#say(`${known.path} cannot be checked (${String(error)})`, false)
    }
    if (stats === undefined) return this.#say(`${known.path} is gone`, true)
    if (stats.dev !== known.dev || stats.ino !== known.ino) {
      return this.#say(`${known.path} was replaced by another file`, known === this.#database)
    }
    if (stats.size < Math.min(known.size, keptBytes)) {
      return this.#say(
        `${known.path} was truncated from ${known.size} to ${stats.size} bytes`,
        false,
      )
    }
    known.size = stats.size
    return undefined
  }

  /** The file may have been written over under its name. */
  #lookInside(): Vanishing | undefined {
    if (this.#epoch === undefined) return undefined
    const meta = readRawMeta(this.#file)
    if (meta?.epoch === this.#epoch && meta.commitNo >= this.#checkpointNo) return undefined
    return this.#say(`${this.#database.path} was overwritten by another process`, false)
  }

  #say(what: string, isSound: boolean): Vanishing {
    const rescue = isSound ? this.#rescue() : ''
    return {
      message: `${what}, while this server had it open. Writes are no longer accepted.${rescue} Put the right files back (see docs/storage.md), then restart the server.`,
      isSound,
    }
  }

  /** Where what was acknowledged can still be had while this process runs; nothing where the name still leads to it. */
  #rescue(): string {
    const { path, dev, ino } = this.#database
    const named = statSync(path, { throwIfNoEntry: false })
    if (named?.dev === dev && named.ino === ino) return ''
    const link = `/proc/${process.pid}/fd/${this.#file}`
    try {
      const now = readlinkSync(link)
      return fstatSync(this.#file).nlink > 0
        ? ` All acknowledged events are in ${now}, its current name.`
        : ` Only this process can still read the acknowledged events: before you stop it, save them with \`cp ${link} rescued.db\`.`
    } catch {
      // There is no /proc on this system.
      return ''
    }
  }
}

function knownOf(path: string): Known {
  const { dev, ino, size } = statSync(path)
  return { path, dev, ino, size }
}
