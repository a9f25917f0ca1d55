import { RusherError } from '../../protocol/index.ts'

/** A file, at a path with `/` in it, relative to the folder it belongs to. */
export interface ScaffoldFile {
  readonly path: string
  readonly content: Uint8Array
}

export interface ScaffoldOptions {
  /** The template's files as they stand in its folder. */
  readonly files: readonly ScaffoldFile[]
  /** The new project's name in its package.json. */
  readonly name: string
  /** What the project asks npm for under `rusher`: a version, or where a tarball is. */
  readonly rusher: string
}

const leftOut = new Set(['node_modules', 'dist', 'data', 'package-lock.json'])

/**
 * Works out the files of a new project. A template is copied as it is, but for three things: `_gitignore` becomes
 * `.gitignore` (npm leaves the latter out of packages), the project gets its name, and `rusher` is pinned.
 */
export function planScaffold({ files, name, rusher }: ScaffoldOptions): readonly ScaffoldFile[] {
  return files
    .filter(({ path }) => belongsToTemplate(path))
    .map(({ path, content }) => {
      if (path === '_gitignore') return { path: '.gitignore', content }
      if (path === 'package.json') return { path, content: nameProject(content, name, rusher) }
      return { path, content }
    })
}

/** Whether a path of a template's folder is part of it, rather than left there by working in it. */
export function belongsToTemplate(path: string): boolean {
  return path.split('/').every((part) => !part.startsWith('.') && !leftOut.has(part))
}

/** Makes a package name of a folder's: `My App` becomes `my-app`. */
export function toPackageName(folder: string): string {
  const name = folder
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 100)
    .replace(/-+$/, '')
  return name === '' || leftOut.has(name) ? 'rusher-app' : name
}

/** The name most like what was typed, where one is like it at all. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, distance: editDistance(typed.toLowerCase(), name) }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best !== undefined && best.distance <= Math.max(2, best.name.length / 2)
    ? best.name
    : undefined
}

function nameProject(content: Uint8Array, name: string, rusher: string): Uint8Array {
  const manifest: unknown = JSON.parse(new TextDecoder().decode(content))
  if (!isManifest(manifest)) {
    throw new RusherError('TEMPLATE', 'the package.json of the template has no dependencies')
  }
  const dependencies = { ...manifest.dependencies, rusher }
  return new TextEncoder().encode(
    `${JSON.stringify({ ...manifest, name, dependencies }, undefined, 2)}\n`,
  )
}

function isManifest(value: unknown): value is { readonly dependencies: object } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'dependencies' in value &&
    typeof value.dependencies === 'object'
  )
}

/** Letters to change, add or remove to make one text of the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
