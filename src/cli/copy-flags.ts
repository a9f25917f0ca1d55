import type { Command } from 'commander'
import { RusherError } from '../protocol/index.ts'
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
      'sqlite:<file> (default: the storage that `rusher serve` would use here)',
    )
    .option('-c, --config <file>', 'configuration file (default: rusher.config.ts, if present)')
    .option('--json', 'print the result as one JSON line')
}

/**
 * The database file that `rusher serve` would use with the same flags in the same folder.
 * @throws {RusherError} CONFIG when the storage is not SQLite.
 */
export async function databaseOf({ storage, config: file }: CopyFlags): Promise<string> {
  const config = await loadConfig({
    directory: process.cwd(),
    file,
    environment: process.env,
    flags: storage === undefined ? {} : { storage },
  })
  const { storage: used = 'sqlite:./data/rusher.db' } = config
  const path = typeof used === 'string' && used.startsWith('sqlite:') ? used.slice(7) : ''
  if (path !== '') return path
  throw new RusherError(
    'CONFIG',
    `only sqlite:<file> storage can be backed up; the storage here is ${typeof used === 'string' ? `'${used}'` : 'custom'}`,
  )
}
