import { type Command, Option } from 'commander'
import type { InitFlags } from '../run-init.ts'

/** Adds `rusher init`. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('Make a new app from a template: a whole project, yours to change.')
    .argument('[folder]', 'where; made if it does not exist')
    .option('-t, --template <name>', 'which template (--list shows them)')
    .option('-y, --yes', 'ask nothing')
    .addOption(
      new Option(
        '--pm <name>',
        'package manager of the next steps (default: the one in use)',
      ).choices(['npm', 'pnpm', 'yarn', 'bun']),
    )
    .option('--install', 'install the dependencies too')
    .option('--no-git', 'make no git repository')
    .option('--list', 'list the templates')
    .addOption(new Option('--rusher <spec>', 'what the project installs as rusher').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  rusher init my-app
  rusher init my-app --template chat --yes
`,
    )
    .action(async (folder: string | undefined, flags: InitFlags) => {
      const { runInit } = await import('../run-init.ts')
      process.exitCode = await runInit(folder, flags)
    })
}
