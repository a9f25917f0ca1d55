import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies?: object
  readonly [field: string]: unknown
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

function run(directory: string, command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { cwd: directory, encoding: 'utf8' })
}

/** Files of a package as `npm pack` would take them. */
function packedFiles(folder: string): readonly string[] {
  const report = run(folder, 'npm', 'pack', '--dry-run', '--json', '--ignore-scripts')
  const [packed] = JSON.parse(report) as [{ files: readonly { path: string }[] }]
  return packed.files.map(({ path }) => path)
}

const directory = temporaryDirectory(afterAll)
const project = join(directory, 'project')
const client = join(project, 'node_modules/rusher-client')

/** Packs the client package and installs it in an empty project, without a network. */
beforeAll(() => {
  const folder = join(directory, 'client-package')
  run(root, process.execPath, 'scripts/client-package.ts', folder)
  run(folder, 'npm', 'pack', '--silent', '--pack-destination', directory)
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{"private":true}\n')
  const tarball = readdirSync(directory).find((name) => name.endsWith('.tgz')) ?? ''
  run(project, 'npm', 'install', '--offline', '--no-audit', '--no-fund', join('..', tarball))
})

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

test('the client package alone is small, and talks to a server', async () => {
  const installed = readdirSync(join(project, 'node_modules')).filter((name) => name[0] !== '.')
  expect(installed).toEqual(['rusher-client'])
  const bytes = filesBelow(join(project, 'node_modules')).map((path) => statSync(path).size)
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_000_000)

  const server = await serve({ directory })
  writeFileSync(
    join(project, 'talk.mjs'),
    `import { connect } from 'rusher-client'
     import { defaultLimits } from 'rusher-client/protocol'
     const client = connect(process.argv[2], { user: { id: 'ann' } })
     const room = client.channel('chat:lobby')
     const heard = new Promise((resolve) => room.on('event', resolve))
     await room.publish({ kind: 'say', text: 'from the package' })
     console.log((await heard).body.text, typeof defaultLimits.sessionsMax)
     client.close()\n`,
  )
  expect(run(project, process.execPath, 'talk.mjs', server.url)).toBe('from the package number\n')
})

test('the client package has the version and the client entries of rusher, and no dependency', () => {
  const own = manifestIn(root)
  const { exports, ...manifest } = manifestIn(client)
  for (const field of ['version', 'license', 'repository', 'homepage', 'bugs', 'type']) {
    expect(manifest[field]).toEqual(own[field])
  }
  expect(manifest).not.toHaveProperty('dependencies')
  const wanted = Object.keys(own.exports)
    .filter((entry) => /^\.\/(?:client|protocol)(?:\/|$)/.test(entry))
    .map((entry) => entry.replace(/^\.\/client/, '.'))
  expect(Object.keys(exports)).toEqual(expect.arrayContaining([...wanted, './package.json']))
  for (const target of Object.values(exports).flatMap((to) => Object.values(to as object))) {
    if (String(target).startsWith('./')) expect(existsSync(join(client, target))).toBe(true)
  }
})

test('every import of the client package is a file of it, or built into Node', () => {
  const files = filesBelow(client).filter((path) => /\.(?:js|d\.ts)$/.test(path))
  expect(files.length).toBeGreaterThan(20)
  for (const file of files) {
    const imports = /(?:from|import)\s*\(?\s*'([^']+)'/g
    // Examples in comments name the package itself.
    const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '')
    for (const [, name = ''] of code.matchAll(imports)) {
      if (name.startsWith('node:')) continue
      // A declaration names the source of the declaration that it imports.
      const target = file.endsWith('.d.ts') ? name.replace(/(?<!\.d)\.ts$/, '.d.ts') : name
      expect(existsSync(join(file, '..', target)), `${name} in ${file}`).toBe(true)
    }
  }
})

test('package.json says where the source, the issues and the home page are', () => {
  const { repository, bugs, homepage } = manifestIn(root)
  expect(repository).toEqual({ type: 'git', url: expect.stringMatching(/^git\+https:/) as string })
  expect(bugs).toEqual({ url: expect.stringMatching(/^https:.+\/issues$/) as string })
  expect(homepage).toMatch(/^https:/)
})

test('every link of the README and of the documents beside it and in docs is packed', () => {
  const packed = packedFiles(root)
  const pages = ['README.md', ...packed.filter((path) => /^(?:docs\/)?[\w-]+\.md$/.test(path))]
  const missing = [...new Set(pages)].flatMap((page) =>
    linksIn(page)
      .map((link) => posix.normalize(posix.join(posix.dirname(page), link)))
      .filter((link) => !packed.some((path) => path === link || path.startsWith(folder(link))))
      .map((link) => `${page}: ${link}`),
  )
  expect(missing).toEqual([])
})

function folder(link: string): string {
  return link.endsWith('/') ? link : `${link}/`
}

/** Relative links of a Markdown file, without their fragments. */
function linksIn(page: string): readonly string[] {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link.replace(/#.*$/, ''))
    .filter((link) => link !== '' && !/^[a-z]+:/i.test(link))
}

test('the client weighs at most 13 KB gzipped, with every store an import of its own', () => {
  const printed = run(root, process.execPath, 'scripts/client-size.ts')
  const gzipped = /^rusher\/client: \d+ bytes minified, (\d+) bytes gzipped$/m.exec(printed)?.[1]
  expect(Number(gzipped)).toBeLessThanOrEqual(13 * 1_024)
  const stores = ['rusher/client/indexeddb', 'rusher/client/async-storage']
  for (const store of stores) expect(printed).toContain(`${store}: `)
})
