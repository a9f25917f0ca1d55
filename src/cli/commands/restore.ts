import type { Command } from 'commander'
import { addCopyFlags, type CopyFlags } from '../copy-flags.ts'

/** Adds `rusher restore`. */
export function registerRestore(program: Command): void {
  addCopyFlags(program.command('restore'))
    .description('Put a backup in the place of the database. The server must be stopped.')
    .argument('<file>', 'a backup that `rusher backup` wrote')
    .option('--force', 'also where there is a database, which is kept under another name')
    .addHelpText(
      'after',
      `
The backup is checked, and so is what was written from it. Then it takes the place of the database in one step: a restore
that is interrupted leaves the old one or the new one. The log gets a new epoch, so that clients which saw later events are
told the gap.

While a server has the database this is refused: stop the server, restore, and start it again.

Ends with 0 when the backup is in place, 1 when it is not, 2 for wrong usage.

Examples:
  rusher restore backups/monday.db
  rusher restore --force --storage sqlite:/var/lib/chat/rusher.db /backups/chat-2026-11-30.db
`,
    )
    .action(async (file: string, flags: CopyFlags) => {
      const { runRestore } = await import('../run-restore.ts')
      process.exitCode = await runRestore(file, flags)
    })
}
