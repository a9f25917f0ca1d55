import type { Command } from 'commander'

interface VerifyFlags {
  readonly json?: true
}

/** Adds `rusher verify`. */
export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description(
      'Check every stored event of a database: checksums, chains, and that none is missing.',
    )
    .argument('[file]', 'the database', 'data/rusher.db')
    .option('--json', 'the result as one JSON line')
    .addHelpText(
      'after',
      '\nA server may be using the database meanwhile. Ends with 0 when all is well, 1 when there is a fault.\n',
    )
    .action(async (file: string, flags: VerifyFlags) => {
      const { runVerify } = await import('../run-verify.ts')
      process.exitCode = await runVerify(file, flags.json === true)
    })
}
