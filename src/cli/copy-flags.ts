import type { Command } from 'commander'
import { RusherError } from '../protocol/index.ts'
import { defaultStorage, parseStorage } from '../server/storage/storage-location.ts'
import { loadConfig } from './load-config.ts'

/** Flags of `rusher backup` and `rusher restore`. */
export interface CopyFlags {
  readonly storage?: string
  readonly config?: string
  readonly force?: true
  readonly json?: true
}

/** Adds the flags that select the database. They match those of `rusher serve`. */
export function addCopyFlags(command: Command): Command {
  return command
    .option(
      '--storage <where>',
      'sqlite:<file> or a path (default: the storage that `rusher serve` would use here)',
    )
    .option('-c, --config <file>', 'configuration file (default: rusher.config.ts, if present)')
    .option('--json', 'print the result as one JSON line')
}

/**
 * The database file that `rusher serve` would use with the same flags in the same folder.
 * @throws {RusherError} CONFIG when the storage is not SQLite.
 */
export async function databaseOf({ storage, config: file }: CopyFlags): Promise<string> {
  if (storage !== undefined) return fileOf(storage)
  const config = await loadConfig({
    directory: process.cwd(),
    file,
    environment: process.env,
    flags: {},
  })
  const { storage: used = defaultStorage } = config
  if (typeof used === 'string') return fileOf(used)
  throw new RusherError(
    'CONFIG',
    'the configuration has a custom storage; only SQLite files can be used here',
  )
}

/**
 * The SQLite file that `sqlite:<file>` or a path names.
 * @throws {RusherError} CONFIG for `memory:` and everything else.
 */
export function fileOf(where: string): string {
  const location = parseStorage(where)
  if (location.kind === 'sqlite') return location.path
  throw new RusherError('CONFIG', `'${where}' is no file: what it keeps ends with its server`)
}
