import type { Command } from 'commander'
import { addCopyFlags, type CopyFlags } from '../copy-flags.ts'

/** Adds `rusher verify`. */
export function registerVerify(program: Command): void {
  addCopyFlags(program.command('verify'))
    .description(
      'Check every stored event of a database: checksums, chains, and that none is missing.',
    )
    .argument('[file]', 'the database, as --storage names it')
    .addHelpText(
      'after',
      `
A server may be using the database meanwhile.

Exit status: 0 when all is well, 1 when there is a fault, 2 for wrong usage.

Examples:
  rusher verify
  rusher verify backups/monday.db
  rusher verify sqlite:/var/lib/chat/rusher.db
`,
    )
    .action(async (file: string | undefined, flags: CopyFlags) => {
      const { runVerify } = await import('../run-verify.ts')
      process.exitCode = await runVerify(file, flags)
    })
}
