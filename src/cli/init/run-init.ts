import { basename, relative, resolve } from 'node:path'
import { RusherError } from '../../protocol/index.ts'
import { exitCodeOf, exitCodes } from '../exit-codes.ts'
import { type PackageManager, packageManagerOf, runScript } from './package-manager.ts'
import { nearestName, planScaffold, toPackageName } from './scaffold.ts'
import {
  listConflicts,
  listTemplates,
  readTemplate,
  type Template,
  usualTemplate,
  writeScaffold,
} from './templates.ts'

export interface InitFlags {
  readonly template?: string | undefined
  readonly yes?: true
  readonly pm?: PackageManager
  /** False: do not even ask. */
  readonly install: boolean
  readonly git: boolean
  readonly list?: true
  readonly force?: true
  /** What the project asks for as `rusher`, instead of this version. */
  readonly rusher?: string
}

/** Questions for somebody at a terminal. Undefined: they would rather not go on. */
export interface Questions {
  folder(suggestion: string): Promise<string | undefined>
  template(templates: readonly Template[]): Promise<string | undefined>
  install(manager: PackageManager): Promise<boolean | undefined>
}

export interface InitIo {
  readonly directory: string
  readonly environment: { readonly npm_config_user_agent?: string | undefined }
  readonly version: string
  /** Undefined when nobody is there to be asked. */
  readonly questions: Questions | undefined
  /** The result. */
  say(text: string): void
  /** What went wrong. */
  complain(text: string): void
  /** Runs a program in a folder; true when it ended well. */
  run(command: string, args: readonly string[], folder: string): boolean
}

const suggestedFolder = 'my-app'

/** Makes a project from a template. Resolves to the exit code. */
export async function runInit(
  directory: string | undefined,
  flags: InitFlags,
  io: InitIo,
): Promise<number> {
  try {
    const templates = listTemplates()
    if (flags.list) {
      for (const { name, description } of templates) io.say(`${name.padEnd(12)} ${description}`)
      return exitCodes.ok
    }
    const questions = flags.yes ? undefined : io.questions
    const template = await chooseTemplate(templates, flags, questions)
    const typed = directory ?? (await chooseFolder(flags, questions))
    if (template === undefined || typed === undefined) {
      io.complain('Nothing was written.')
      return exitCodes.failure
    }
    return await make(template, resolve(io.directory, typed), flags, io, questions)
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    io.complain(error.message)
    return exitCodeOf(error)
  }
}

async function make(
  template: Template,
  folder: string,
  flags: InitFlags,
  io: InitIo,
  questions: Questions | undefined,
): Promise<number> {
  const conflicts = flags.force ? [] : listConflicts(folder)
  if (conflicts.length > 0) {
    io.complain(conflictsText(relative(io.directory, folder) || 'This folder', conflicts))
    return exitCodes.failure
  }
  const plan = planScaffold({
    files: readTemplate(template),
    name: toPackageName(basename(folder)),
    rusher: flags.rusher ?? io.version,
  })
  writeScaffold(folder, plan)
  const manager = flags.pm ?? packageManagerOf(io.environment.npm_config_user_agent)
  const asked = flags.install && (await questions?.install(manager)) === true
  const installed = asked && io.run(manager, ['install'], folder)
  // Last, so that the first commit has the lockfile.
  if (flags.git) startRepository(folder, io)
  if (asked && !installed) io.complain(`${manager} install did not end well; the project is there.`)
  io.say(nextSteps(relative(io.directory, folder), manager, installed))
  return exitCodes.ok
}

async function chooseTemplate(
  templates: readonly Template[],
  { template: typed, yes }: InitFlags,
  questions: Questions | undefined,
): Promise<Template | undefined> {
  const names = templates.map(({ name }) => name)
  if (typed !== undefined) {
    const found = templates.find(({ name }) => name === typed)
    if (found !== undefined) return found
    const near = nearestName(typed, names)
    const hint = near === undefined ? `there are: ${names.join(', ')}` : `did you mean ${near}?`
    throw new RusherError('USAGE', `No template is called ${typed}; ${hint}`)
  }
  if (yes) return templates.find(({ name }) => name === usualTemplate)
  if (questions === undefined) {
    throw new RusherError('USAGE', `Say which template: --template ${names.join('|')}, or --yes.`)
  }
  const name = await questions.template(templates)
  return templates.find((one) => one.name === name)
}

async function chooseFolder(
  { yes }: InitFlags,
  questions: Questions | undefined,
): Promise<string | undefined> {
  if (yes) return suggestedFolder
  if (questions !== undefined) return questions.folder(suggestedFolder)
  throw new RusherError('USAGE', `Say where: rusher init ${suggestedFolder}, or --yes.`)
}

/** Not inside another repository, and no complaint where git is missing or knows no name. */
function startRepository(folder: string, io: InitIo): void {
  if (io.run('git', ['rev-parse', '--is-inside-work-tree'], folder)) return
  if (!io.run('git', ['init', '--quiet'], folder)) return
  if (!io.run('git', ['add', '--all'], folder)) return
  io.run('git', ['commit', '--quiet', '--message', 'Initial commit'], folder)
}

function conflictsText(folder: string, names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `  ${name}`)
  const more = names.length > shown.length ? [`  and ${names.length - shown.length} more`] : []
  return [
    `${folder} is not empty:`,
    ...shown,
    ...more,
    'Choose another folder, or --force to write into this one; files of the same name are replaced.',
  ].join('\n')
}

function nextSteps(folder: string, manager: PackageManager, installed: boolean): string {
  const quoted = /^[\w./\\-]*$/.test(folder) ? folder : `"${folder}"`
  const steps = [
    ...(folder === '' ? [] : [`cd ${quoted}`]),
    ...(installed ? [] : [`${manager} install`]),
    runScript(manager, 'dev'),
  ]
  return `\nReady. Next:\n\n${steps.map((step) => `  ${step}\n`).join('')}`
}
