import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** One file that a scaffold writes, by its path inside the new project. */
export interface Write {
  readonly path: string
  readonly content: Buffer | string
}

export interface TemplateFile {
  /** With `/` between folders. */
  readonly path: string
  readonly content: Buffer
}

/** What a template is made one's own with. Everything else is copied as it is. */
export interface ProjectNames {
  readonly name: string
  /** What the project's package.json asks for as `rusher`. */
  readonly rusher: string
}

/** Folders that a template has while somebody works on it, and that are no part of it. */
const neverCopied = new Set(['node_modules', 'dist', 'data', '.DS_Store'])

/** The templates that come with this package: the folders of `templates/` that have a package.json. */
export function listTemplates(templatesDir: string): readonly string[] {
  return readdirSync(templatesDir)
    .filter((name) => existsSync(join(templatesDir, name, 'package.json')))
    .sort()
}

/** Reads a template's files. */
export function readTemplate(templateDir: string, folder = ''): readonly TemplateFile[] {
  return readdirSync(join(templateDir, folder))
    .filter((name) => !neverCopied.has(name))
    .sort()
    .flatMap((name) => {
      const path = folder === '' ? name : `${folder}/${name}`
      const full = join(templateDir, path)
      if (statSync(full).isDirectory()) return readTemplate(templateDir, path)
      return [{ path, content: readFileSync(full) }]
    })
}

/**
 * What is written for a new project: the template's files, with the project's name and the version of rusher in
 * package.json, and `_gitignore` under the name that npm would not have packed.
 */
export function planScaffold(
  template: readonly TemplateFile[],
  names: ProjectNames,
): readonly Write[] {
  return template.map(({ path, content }) => {
    if (basename(path) === '_gitignore') return { path: join(dirname(path), '.gitignore'), content }
    if (path === 'package.json') return { path, content: namedPackage(content.toString(), names) }
    return { path, content }
  })
}

function namedPackage(text: string, { name, rusher }: ProjectNames): string {
  // The template is ours: its package.json has these fields, and a test says so.
  const fields = JSON.parse(text) as { dependencies: Record<string, string> }
  const named = { ...fields, name, dependencies: { ...fields.dependencies, rusher } }
  return `${JSON.stringify(named, undefined, 2)}\n`
}

/** What is in a folder already, so that nothing of it is overwritten. A git folder alone does not count. */
export function conflictsIn(directory: string): readonly string[] {
  if (!existsSync(directory)) return []
  if (!statSync(directory).isDirectory()) return [basename(directory)]
  return readdirSync(directory).filter((name) => name !== '.git')
}

/** Writes the files into a folder, which is made where there is none. */
export function writeProject(directory: string, writes: readonly Write[]): void {
  for (const { path, content } of writes) {
    const full = join(directory, path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, content, { flag: 'wx' })
  }
}

/** A package name made from a folder's: npm takes lower-case letters, digits, `-`, `.` and `_`, and no dot first. */
export function packageNameOf(directory: string): string {
  const name = basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9-._]+/g, '-')
    .replace(/^[-._]+|-+$/g, '')
  return name === '' ? 'rusher-app' : name
}

/** The known name that a misspelt one is nearest to, by single-character edits; undefined when none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((one) => ({ one, far: edits(name, one) })).sort((a, b) => a.far - b.far)
  const [best] = ranked
  return best !== undefined && best.far <= Math.max(2, best.one.length / 2) ? best.one : undefined
}

/** Levenshtein distance. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [i, a] of [...from].entries()) {
    const next = [i + 1]
    for (const [j, b] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (a === b ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
