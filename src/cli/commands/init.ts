import { type Command, Option } from 'commander'
import { packageManagers } from '../init/package-manager.ts'
import type { InitFlags } from '../init/run-init.ts'

/** Adds `rusher init`. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('Make a new app from a template: a whole project, yours to change.')
    .argument('[folder]', 'where; made if it does not exist')
    .option('-t, --template <name>', 'which template (--list shows them)')
    .option('-y, --yes', 'ask nothing; the template is `workspace`')
    .addOption(
      new Option(
        '--pm <name>',
        'package manager of the next steps (default: the one in use)',
      ).choices(packageManagers),
    )
    .option('--no-install', 'do not ask whether to install')
    .option('--no-git', 'make no git repository and no first commit')
    .option('--force', 'write into a folder that is not empty')
    .option('--list', 'list the templates')
    .addOption(
      new Option('--rusher <spec>', 'what the project asks for as rusher: a version, or a tarball'),
    )
    .addHelpText(
      'after',
      `
Examples:
  rusher init my-app
  rusher init my-app --template editor
  rusher init my-app --yes                 the workspace: pages with a chat beside them
`,
    )
    .action(async (folder: string | undefined, flags: InitFlags) => {
      const [{ runInit }, { openTerminal }] = await Promise.all([
        import('../init/run-init.ts'),
        import('../init/terminal.ts'),
      ])
      process.exitCode = await runInit(folder, flags, await openTerminal())
    })
}
