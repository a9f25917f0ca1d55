/**
 * Makes the package `rusher-client` in dist/client-package, or in the folder that is given: the
 * compiled client and protocol of this tree, with the version and the entry points of `rusher`.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Manifest {
  readonly version: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly [field: string]: unknown
}

const root = fileURLToPath(new URL('..', import.meta.url))
const target = resolve(process.argv[2] ?? join(root, 'dist/client-package'))
const own = readManifest(join(root, 'package.json'))
const about = readManifest(join(root, 'packages/client/package.json'))
/** Layers that the client package has, below dist/src. */
const layers = ['client', 'protocol']
/** Fields that are the same in both packages. */
const shared = ['version', 'license', 'homepage', 'bugs', 'repository', 'type', 'sideEffects']

rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })
for (const layer of layers) {
  cpSync(join(root, 'dist/src', layer), join(target, 'dist', layer), {
    recursive: true,
    filter: (path) => !/\.(?:map|tsbuildinfo)$/.test(path),
  })
}
cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'))
cpSync(join(root, 'packages/client/README.md'), join(target, 'README.md'))
const manifest = {
  ...about,
  ...Object.fromEntries(shared.map((field) => [field, own[field]])),
  files: ['dist'],
  exports: exportsOf(own),
}
writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest
}

/** `./client` becomes the main entry, and `./client/x` becomes `./x`; others keep their names. */
function exportsOf({ exports }: Manifest): Record<string, unknown> {
  const all = Object.entries(exports).flatMap(([entry, to]) => {
    if (typeof to === 'string') return [[entry, to]]
    const isOwn = Object.values(to).every((path) =>
      layers.some((layer) => path.startsWith(`./dist/src/${layer}/`)),
    )
    if (!isOwn) return []
    const moved = Object.entries(to).map(([condition, path]) => [
      condition,
      path.replace('./dist/src/', './dist/'),
    ])
    return [[entry.replace(/^\.\/client(?=\/|$)/, '.'), Object.fromEntries(moved)]]
  })
  const sorted = all.sort(([one], [other]) => (String(one) < String(other) ? -1 : 1))
  return Object.fromEntries(sorted) as Record<string, unknown>
}
