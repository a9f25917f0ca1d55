import type { Command } from 'commander'
import { addCopyFlags, type CopyFlags } from '../copy-flags.ts'

/** Adds `rusher backup`. */
export function registerBackup(program: Command): void {
  addCopyFlags(program.command('backup'))
    .description(
      'Write the database into one file that can be copied, also while a server uses it.',
    )
    .argument('<file>', 'the backup to write')
    .option('--force', 'replace a file of that name, once the new one is whole')
    .addHelpText(
      'after',
      `
The backup has what was committed at one moment; events that are acknowledged later are not in it. Every event in it is
checked before it gets its name, and it is on disk then: there is never half a backup under that name.

Ends with 0 when the backup is there, 1 when it is not, 2 for wrong usage.

Examples:
  rusher backup backups/monday.db
  rusher backup --storage sqlite:/var/lib/chat/rusher.db "/backups/chat-$(date +%F).db"
`,
    )
    .action(async (file: string, flags: CopyFlags) => {
      const { runBackup } = await import('../run-backup.ts')
      process.exitCode = await runBackup(file, flags)
    })
}
