import type { Command } from 'commander'
import { RusherError } from '../protocol/index.ts'
import { loadConfig } from './load-config.ts'

/** What `rusher backup` and `rusher restore` were told on the command line. */
export interface CopyFlags {
  readonly storage?: string
  readonly config?: string
  readonly force?: true
  readonly json?: true
}

/** Adds the flags that say which database is meant, as those of `rusher serve` do. */
export function addCopyFlags(command: Command): Command {
  return command
    .option('--storage <where>', 'sqlite:<file> (default: as `rusher serve` would start here)')
    .option(
      '-c, --config <file>',
      'configuration file (default: rusher.config.ts, where there is one)',
    )
    .option('--json', 'the result as one JSON line')
}

/** The file of the database that `rusher serve` would use with the same flags, in the same folder. */
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
    `the storage here is ${typeof used === 'string' ? `'${used}'` : 'one of your own'}; a backup is made of sqlite:<file>`,
  )
}
