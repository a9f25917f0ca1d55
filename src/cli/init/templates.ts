import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RusherError } from '../../protocol/index.ts'
import { belongsToTemplate, type ScaffoldFile } from './scaffold.ts'

export interface Template {
  readonly name: string
  readonly description: string
  readonly folder: string
}

/** The template that shows most: the first choice, and the one of `--yes`. */
export const usualTemplate = 'workspace'

/** The templates that came with this package, the usual one first. */
export function listTemplates(): readonly Template[] {
  const folder = templatesFolder()
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'package.json')))
    .map(({ name }) => {
      const manifest = readFileSync(join(folder, name, 'package.json'), 'utf8')
      const { description = '' } = JSON.parse(manifest) as { readonly description?: string }
      return { name, description, folder: join(folder, name) }
    })
    .sort((one, other) => Number(other.name === usualTemplate) - Number(one.name === usualTemplate))
}

/** Reads the files that belong to a template. */
export function readTemplate({ folder }: Template): readonly ScaffoldFile[] {
  return readFolder(folder, '')
}

/** Names in a folder that stand in the way of a new project; none when there is no folder yet. */
export function listConflicts(folder: string): readonly string[] {
  const entry = statSync(folder, { throwIfNoEntry: false })
  if (entry === undefined) return []
  if (!entry.isDirectory()) return [folder]
  return readdirSync(folder).filter((name) => name !== '.git' && name !== '.DS_Store')
}

export function writeScaffold(folder: string, files: readonly ScaffoldFile[]): void {
  for (const { path, content } of files) {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, content)
  }
}

function readFolder(folder: string, below: string): readonly ScaffoldFile[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (!belongsToTemplate(path)) return []
    if (entry.isDirectory()) return readFolder(folder, path)
    return [{ path, content: readFileSync(join(folder, path)) }]
  })
}

/** This file is compiled to another depth than it is written at, so the way up is looked for. */
function templatesFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'templates'))) {
    const above = dirname(folder)
    if (above === folder) throw new RusherError('TEMPLATE', 'this package has no templates')
    folder = above
  }
  return join(folder, 'templates')
}
