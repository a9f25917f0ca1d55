import { open, opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Encoding } from './accept-encoding.ts'
import { compressibleType } from './static-types.ts'

/** A compressed form of one file, in memory. */
export interface CompressedFile {
  readonly bytes: Buffer
  /** Differs from that of the file itself and of its other forms, and with each change. */
  readonly etag: string
  /** Last modification of the file. */
  readonly modified: Date
}

/** Bounds of the compressed files that one process holds. */
export interface CompressionLimits {
  /** A smaller file is sent as it is: a packet holds it anyway. */
  readonly fileBytesMin: number
  /** A larger file is sent as it is. */
  readonly fileBytesMax: number
  /** All compressed files together; what does not fit is sent as it is. */
  readonly bytesMax: number
  readonly entriesMax: number
  /** Bytes of files that are compressed at the start, before anyone asks. */
  readonly warmBytesMax: number
  /** Files and folders that are examined for that. */
  readonly warmEntriesMax: number
}

export const compressionLimits: CompressionLimits = {
  fileBytesMin: 1_024,
  fileBytesMax: 8 * 2 ** 20,
  bytesMax: 64 * 2 ** 20,
  entriesMax: 4_096,
  warmBytesMax: 16 * 2 ** 20,
  warmEntriesMax: 10_000,
}

interface FileState {
  readonly size: number
  readonly modifiedMs: number
}

interface Entry extends FileState {
  readonly path: string
  /** Undefined: the file is sent as it is. */
  readonly bytes: Promise<Buffer | undefined>
  /** What counts towards `bytesMax`: the size of the file until its compressed size is known. */
  held: number
}

/** Refusals of a full cache after which the entries of removed files are dropped. */
const refusalsBeforeSweep = 64

/** Extensions of files that a build compressed ahead. */
const extensions: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz' }

/**
 * Compresses files once and keeps the result in memory. A changed file is compressed again. The
 * work is done in the thread pool of Node, one file at a time, so it never blocks the event loop. A
 * file that a build compressed ahead (`app.js.br`, `app.js.gz`) is used as it is, unless it is
 * older than its source.
 */
export class CompressedFiles {
  readonly #limits: CompressionLimits
  readonly #entries = new Map<string, Entry>()
  #bytes = 0
  #last: Promise<unknown> = Promise.resolve()
  #refusals = 0
  #stopped = false

  constructor(limits: CompressionLimits = compressionLimits) {
    this.#limits = limits
  }

  /** Bytes that are held. */
  get bytes(): number {
    return this.#bytes
  }

  /** The compressed form of a file, once it is made; undefined if the file is to be sent as it is. */
  async find(path: string, encoding: Encoding): Promise<CompressedFile | undefined> {
    const file = await stateOf(path)
    if (file === undefined || !this.#isWorthIt(file)) return undefined
    const bytes = await this.#entryOf(path, encoding, file)?.bytes
    if (bytes === undefined) return undefined
    const { size, modifiedMs } = file
    return {
      bytes,
      etag: `W/"${size.toString(16)}-${Math.floor(modifiedMs).toString(16)}-${encoding}"`,
      modified: new Date(modifiedMs),
    }
  }

  /**
   * Compresses the files of a folder ahead with Brotli, until one of the limits or `stop`. Does not
   * follow symbolic links, and skips what cannot be read.
   */
  async warm(folder: string): Promise<void> {
    let left = this.#limits.warmBytesMax
    let entriesLeft = this.#limits.warmEntriesMax
    for await (const { path, isFile } of entriesBelow(folder)) {
      entriesLeft -= 1
      if (this.#stopped || entriesLeft < 0) return
      if (!isFile || compressibleType(path) === undefined) continue
      const file = await stateOf(path)
      if (file === undefined || !this.#isWorthIt(file) || file.size > left) continue
      left -= file.size
      await this.#entryOf(path, 'br', file)?.bytes
    }
  }

  /** Ends `warm` after the file that it is at. */
  stop(): void {
    this.#stopped = true
  }

  #isWorthIt({ size }: FileState): boolean {
    return size >= this.#limits.fileBytesMin && size <= this.#limits.fileBytesMax
  }

  #entryOf(path: string, encoding: Encoding, file: FileState): Entry | undefined {
    const key = `${encoding} ${path}`
    const known = this.#entries.get(key)
    if (known?.size === file.size && known.modifiedMs === file.modifiedMs) return known
    this.#drop(key)
    const { bytesMax, entriesMax } = this.#limits
    if (this.#bytes + file.size > bytesMax || this.#entries.size >= entriesMax) {
      this.#refusals += 1
      if (this.#refusals % refusalsBeforeSweep === 0) void this.#inTurn(() => this.#sweep())
      return undefined
    }
    const entry: Entry = {
      ...file,
      path,
      held: file.size,
      bytes: this.#inTurn(() => compressed(path, encoding, file)).then((bytes) => {
        // A replaced entry no longer counts.
        if (this.#entries.get(key) !== entry) return bytes
        this.#bytes += (bytes?.length ?? 0) - entry.held
        entry.held = bytes?.length ?? 0
        return bytes
      }),
    }
    this.#entries.set(key, entry)
    this.#bytes += file.size
    return entry
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= entry.held
  }

  /** Drops the entries of files that were removed, such as those of an earlier build. */
  async #sweep(): Promise<void> {
    for (const [key, { path }] of [...this.#entries]) {
      if ((await stateOf(path)) === undefined) this.#drop(key)
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}

/** The compressed bytes; undefined if they are no smaller, or the file cannot be read. */
async function compressed(
  path: string,
  encoding: Encoding,
  file: FileState,
): Promise<Buffer | undefined> {
  try {
    const ahead = `${path}${extensions[encoding]}`
    const made = await stateOf(ahead)
    if (made !== undefined && made.modifiedMs >= file.modifiedMs && made.size < file.size) {
      return await readWhole(ahead, made.size)
    }
    const source = await readWhole(path, file.size)
    if (source === undefined) return undefined
    const bytes = await compress[encoding](source)
    return bytes.length < source.length ? bytes : undefined
  } catch (error) {
    // The file was removed or cannot be read; sending it as it is reports that.
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

const brotli = promisify(brotliCompress)
const gzipped = promisify(gzip)

const compress: Readonly<Record<Encoding, (source: Buffer) => Promise<Buffer>>> = {
  // Quality 11 is about 5 % smaller and takes ten times as long; a build can make it ahead.
  br: (source) =>
    brotli(source, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 9,
        [constants.BROTLI_PARAM_SIZE_HINT]: source.length,
      },
    }),
  gzip: (source) => gzipped(source, { level: 9 }),
}

/** Reads a file of a known size; undefined if it has another size by now. */
async function readWhole(path: string, size: number): Promise<Buffer | undefined> {
  const file = await open(path, 'r')
  try {
    const bytes = Buffer.alloc(size)
    let read = 0
    while (read < size) {
      const { bytesRead } = await file.read(bytes, read, size - read, read)
      if (bytesRead === 0) return undefined
      read += bytesRead
    }
    return (await file.stat()).size === size ? bytes : undefined
  } finally {
    await file.close()
  }
}

async function stateOf(path: string): Promise<FileState | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? { size: found.size, modifiedMs: found.mtimeMs } : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

interface FolderEntry {
  readonly path: string
  /** Whether it is a regular file. */
  readonly isFile: boolean
}

/** What is below a folder and not hidden; folders that cannot be read are skipped. */
async function* entriesBelow(folder: string): AsyncGenerator<FolderEntry> {
  try {
    for await (const entry of await opendir(folder)) {
      if (entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      yield { path, isFile: entry.isFile() }
      if (entry.isDirectory()) yield* entriesBelow(path)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}
