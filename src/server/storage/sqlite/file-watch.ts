import { closeSync, fstatSync, openSync, readlinkSync, statSync } from 'node:fs'
import { headFileSuffix } from './head-file.ts'
import { readRawMeta } from './raw-meta.ts'

/**
 * A file was moved, replaced or damaged, so that the next start would not find the current writes.
 */
export interface Vanishing {
  readonly message: string
  /** Whether the write-ahead log can still be checkpointed into the open file. */
  readonly isSound: boolean
}

/** A file as it was when it was opened. */
interface Known {
  readonly path: string
  readonly dev: number
  readonly ino: number
  /** Smallest size that the writer itself can cause, in bytes. */
  size: number
}

interface AcceptMonitorOptions {
  readonly path: string
  /** Size below which SQLite does not truncate the write-ahead log, in bytes. */
  readonly logBytesKept: number
}

/**
 * Checks that the files of an open database are still found under their names. SQLite keeps writing
 * to a file that was removed, without an error.
 *
 * Holds its own descriptor of the database. Close it after the database, since closing a descriptor
 * drops SQLite's locks.
 */
export class FileWatch {
  readonly #options: AcceptMonitorOptions
  readonly #file: number
  readonly #database: Known
  readonly #log: Known
  /** Files that only have to exist. */
  readonly #others: readonly Known[]
  readonly #epoch: string | undefined
  #checkpointNo: number

  /** Requires that the database is open and its side files exist. */
  constructor(options: AcceptMonitorOptions) {
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

  /**
   * Checks the database and its write-ahead log with two `stat` calls; cheap enough for every
   * commit.
   */
  lookBriefly(): Vanishing | undefined {
    return (
      this.#lookAt(this.#database, Number.MAX_SAFE_INTEGER) ??
      this.#lookAt(this.#log, this.#options.logBytesKept)
    )
  }

  /** Checks all files and whether the content of the database was overwritten. */
  look(): Vanishing | undefined {
    const brief = this.lookBriefly()
    if (brief !== undefined) return brief
    for (const known of this.#others) {
      const vanishing = this.#lookAt(known, 0)
      if (vanishing !== undefined) return vanishing
    }
    return this.#lookInside()
  }

  /**
   * Must be called after a checkpoint, which changes the database file and may truncate its log.
   * `checkpointNo` is the last commit that is surely in the file. It is not read from the file,
   * which another process may have overwritten since.
   */
  checkpointed(checkpointNo: number): void {
    this.#log.size = 0
    this.#checkpointNo = Math.max(this.#checkpointNo, checkpointNo)
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

  /** Detects that the file was overwritten in place. */
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

  /**
   * Where acknowledged events can be recovered while this process runs; '' if the name still works.
   */
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
      // This system has no /proc.
      return ''
    }
  }
}

function knownOf(path: string): Known {
  const { dev, ino, size } = statSync(path)
  return { path, dev, ino, size }
}
