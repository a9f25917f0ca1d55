import type { Command } from 'commander'
import { addCopyFlags, type CopyFlags } from '../copy-flags.ts'

/** Adds `rusher restore`. */
export function registerRestore(program: Command): void {
  addCopyFlags(program.command('restore'))
    .description('Restore the database from a backup. The server must be stopped.')
    .argument('<file>', 'a backup written by `rusher backup`')
    .option('--force', 'replace an existing database; it is kept under another name')
    .addHelpText(
      'after',
      `
The backup and the restored copy are both verified. The copy then replaces the database atomically:
an interrupted restore leaves either the old database or the new one. The log gets a new epoch, so
clients that saw later events are notified of a gap.

Fails while a server has the database open: stop the server, restore, then start it again.

Exit status: 0 when the database is restored, 1 when it failed, 2 for wrong usage.

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
