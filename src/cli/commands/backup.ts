import type { Command } from 'commander'
import { addCopyFlags, type CopyFlags } from '../copy-flags.ts'

/** Adds `rusher backup`. */
export function registerBackup(program: Command): void {
  addCopyFlags(program.command('backup'))
    .description('Back up the database to one file. Works while a server is running.')
    .argument('<file>', 'the backup file to write')
    .option('--force', 'replace an existing file once the new backup is complete')
    .addHelpText(
      'after',
      `
The backup is a snapshot of one moment; it does not include events that are acknowledged later. Its
folder must exist.
Every event is verified and the file is synced to disk before it gets its name, so an incomplete
backup never appears under that name.

Exit status: 0 when the backup is complete, 1 when it failed, 2 for wrong usage.

Examples:
  rusher backup monday.db
  rusher backup --storage sqlite:/var/lib/chat/rusher.db "/backups/chat-$(date +%F).db"
`,
    )
    .action(async (file: string, flags: CopyFlags) => {
      const { runBackup } = await import('../run-backup.ts')
      process.exitCode = await runBackup(file, flags)
    })
}
