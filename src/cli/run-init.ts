import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { version } from '../server/version.ts'
import { exitCodes } from './exit-codes.ts'
import {
  conflictsIn,
  listTemplates,
  nearest,
  packageNameOf,
  planScaffold,
  readTemplate,
  writeProject,
} from './scaffold.ts'

export interface InitFlags {
  readonly template?: string
  readonly yes?: true
  readonly pm?: PackageManager
  readonly install?: true
  readonly git: boolean
  readonly list?: true
  readonly rusher?: string
}

type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun'

interface Chosen {
  readonly folder: string
  readonly template: string
}

const templateUsual = 'chat'

/** Runs `rusher init`. Asks only for what no flag says, and only at a terminal. Resolves to the exit code. */
export async function runInit(folder: string | undefined, flags: InitFlags): Promise<number> {
  const templatesDir = findTemplates()
  const templates = listTemplates(templatesDir)
  if (flags.list === true) {
    process.stdout.write(`${templates.join('\n')}\n`)
    return exitCodes.ok
  }
  const chosen = await choose(folder, flags, templates)
  if (typeof chosen === 'number') return chosen

  const directory = resolve(chosen.folder)
  const conflicts = conflictsIn(directory)
  if (conflicts.length > 0) {
    const shown = conflicts.slice(0, 10).join(', ')
    return fail(
      exitCodes.failure,
      `${directory} is not empty: it has ${shown}${conflicts.length > 10 ? ', ...' : ''}. Choose another folder, or empty it.`,
    )
  }
  const names = { name: packageNameOf(directory), rusher: flags.rusher ?? `^${version}` }
  writeProject(directory, planScaffold(readTemplate(join(templatesDir, chosen.template)), names))
  if (flags.git) makeRepository(directory)
  const pm = flags.pm ?? packageManagerInUse(process.env['npm_config_user_agent'])
  const installed = flags.install === true && install(pm, directory)
  process.stdout.write(nextSteps({ directory, pm, installed, template: chosen.template }))
  return flags.install === true && !installed ? exitCodes.failure : exitCodes.ok
}

async function choose(
  folder: string | undefined,
  flags: InitFlags,
  templates: readonly string[],
): Promise<Chosen | number> {
  const { template } = flags
  if (template !== undefined && !templates.includes(template)) {
    const near = nearest(template, templates)
    const hint = near === undefined ? `They are: ${templates.join(', ')}.` : `Did you mean ${near}?`
    return fail(exitCodes.usage, `there is no template '${template}'. ${hint}`)
  }
  const usual = templates.includes(templateUsual) ? templateUsual : templates[0]
  if (folder !== undefined && template !== undefined) return { folder, template }
  if (flags.yes === true && usual !== undefined) {
    return { folder: folder ?? 'rusher-app', template: template ?? usual }
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    return fail(
      exitCodes.usage,
      'there is no terminal to ask at: give a folder and --template, or --yes, as in rusher init my-app --template chat --yes',
    )
  }
  return ask(folder, template, templates)
}

async function ask(
  folder: string | undefined,
  template: string | undefined,
  templates: readonly string[],
): Promise<Chosen | number> {
  const prompts = await import('@clack/prompts')
  prompts.intro('A new Rusher app')
  const where =
    folder ??
    (await prompts.text({
      message: 'What is it called? A folder of that name is made here.',
      placeholder: 'my-app',
      defaultValue: 'my-app',
      validate: (name) =>
        name !== undefined && conflictsIn(resolve(name)).length > 0
          ? 'That folder is not empty.'
          : undefined,
    }))
  if (prompts.isCancel(where)) return cancelled(prompts.cancel)
  const which =
    template ??
    (await prompts.select({
      message: 'Which template?',
      options: templates.map((name) => ({ value: name, label: name, ...hintOf(name) })),
    }))
  if (prompts.isCancel(which)) return cancelled(prompts.cancel)
  return { folder: where, template: which }
}

function hintOf(template: string): { hint?: string } {
  return template === 'chat' ? { hint: 'rooms, history, who is here, typing; React and Vite' } : {}
}

function cancelled(cancel: (message: string) => void): number {
  cancel('Nothing was written.')
  return exitCodes.failure
}

function fail(code: number, message: string): number {
  process.stderr.write(`rusher: ${message}\n`)
  return code
}

/** The package's own templates: two or three folders above this file, in a checkout and in an installed package. */
function findTemplates(): string {
  for (const up of ['../../templates', '../../../templates']) {
    const path = fileURLToPath(new URL(up, import.meta.url))
    if (existsSync(path)) return path
  }
  throw new Error('this package has no templates folder')
}

/** The package manager that runs this command, by what it says of itself (`pnpm/10.2.0 npm/? node/...`). */
export function packageManagerInUse(userAgent: string | undefined): PackageManager {
  const name = userAgent?.split('/', 1)[0]
  return name === 'pnpm' || name === 'yarn' || name === 'bun' ? name : 'npm'
}

/** A repository is a courtesy: without git, or inside another repository, there is none. */
function makeRepository(directory: string): void {
  const inside = spawnSync('git', ['rev-parse', '--is-inside-work-tree'], {
    cwd: directory,
    stdio: 'ignore',
  })
  if (inside.error === undefined && inside.status !== 0) {
    spawnSync('git', ['init', '--quiet'], { cwd: directory, stdio: 'ignore' })
  }
}

function install(pm: PackageManager, directory: string): boolean {
  return spawnSync(pm, ['install'], { cwd: directory, stdio: 'inherit' }).status === 0
}

interface Done {
  readonly directory: string
  readonly pm: PackageManager
  readonly installed: boolean
  readonly template: string
}

function nextSteps({ directory, pm, installed, template }: Done): string {
  const here = relative(process.cwd(), directory)
  const run = pm === 'npm' ? 'npm run dev' : `${pm} dev`
  const steps = [
    ...(here === '' ? [] : [`cd ${here.includes(' ') ? `"${here}"` : here}`]),
    ...(installed ? [] : [`${pm} install`]),
    pm === 'bun' ? 'bun run dev' : run,
  ]
  const lines = steps.map((step) => `    ${styleText('cyan', step)}`).join('\n')
  return `\n  ${styleText('bold', packageNameOf(directory))} is there, from the template ${template}. Next:\n\n${lines}\n\n`
}
