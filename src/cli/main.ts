import { Command } from 'commander'
import { version } from '../server/version.ts'
import { registerBackup } from './commands/backup.ts'
import { registerBench } from './commands/bench.ts'
import { registerInit } from './commands/init.ts'
import { registerRestore } from './commands/restore.ts'
import { registerServe } from './commands/serve.ts'
import { registerVerify } from './commands/verify.ts'

/** Runs the command line; what a command does is imported when it runs, so that help is instant. */
export async function main(argv: readonly string[]): Promise<void> {
  ignoreOutputErrors()
  const program = new Command('rusher')
    .description('A realtime backend that starts with one command and keeps what it is given.')
    .version(version)
    .showHelpAfterError('Run with --help for what is possible.')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Examples:
  rusher init my-app            an app in a new folder: pages, chat, or both
  rusher serve                  a server on http://127.0.0.1:8080, kept in ./data/rusher.db
  rusher verify data/rusher.db  check every stored event
  rusher backup backups/a.db    back up the database, also while the server runs
  rusher bench                  what this machine holds, measured
`,
    )
  program.exitOverride((error) => {
    // commander's own errors are wrong usage; its help and version end well. Commands made below inherit this.
    process.exit(error.exitCode === 0 ? 0 : 2)
  })
  registerInit(program)
  registerServe(program)
  registerVerify(program)
  registerBackup(program)
  registerRestore(program)
  registerBench(program)
  await program.parseAsync(argv)
}

/**
 * Without listeners, a write to a closed terminal or pipe (`| head -1`) would end the process: a
 * server, or a run whose result is not written yet.
 */
function ignoreOutputErrors(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}
