import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runRusher } from '../parts/run-rusher.ts'
import { runServe, serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A project that has rusher installed, with files beside its package.json. */
function project(type: string | undefined, files: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'node_modules'))
  symlinkSync(root, join(directory, 'node_modules/rusher'))
  const manifest = { name: 'app', version: '1.0.0', ...(type === undefined ? {} : { type }) }
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return directory
}

/** An app of its own shows that the file was read, and that it found `rusher/server`. */
const app = `defineApp({
  name: 'probe',
  parse: (body) => ({ body }),
  decide: () => ({ kind: 'reply', body: {} }),
})`
const esm = `import { defineApp, defineConfig } from 'rusher/server'
export default defineConfig({ apps: [${app}], path: '/probed' })\n`
const cjs = `const { defineApp, defineConfig } = require('rusher/server')
module.exports = defineConfig({ apps: [${app}], path: '/probed' })\n`
const typed = `import { defineApp, defineConfig, type Config } from 'rusher/server'
import { path } from './settings'
enum Words { Probe = 'probe' }
const config: Config = { apps: [${app.replace("'probe'", 'Words.Probe')}], path }
export default defineConfig(config) satisfies Config\n`

async function pathServed(directory: string): Promise<boolean> {
  const { url } = await serve({ directory })
  // A path that is only for WebSockets says so.
  return (await fetch(`${url}/probed`)).status === 426
}

describe.each([
  ['commonjs', ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs']],
  [undefined, ['ts', 'js']],
  ['module', ['ts', 'cts', 'js', 'cjs']],
] as const)('in a project of type %s', (type, extensions) => {
  test.each(extensions)('rusher.config.%s is loaded', async (extension) => {
    const isCommonJs = extension[0] === 'c' || (extension === 'js' && type !== 'module')
    const text = isCommonJs ? cjs : esm
    expect(await pathServed(project(type, { [`rusher.config.${extension}`]: text }))).toBe(true)
  })

  test('an ES module in rusher.config.js is loaded', async () => {
    expect(await pathServed(project(type, { 'rusher.config.js': esm }))).toBe(true)
  })

  test('TypeScript that Node cannot run, and a module beside it, are loaded', async () => {
    const files = { 'rusher.config.ts': typed, 'settings.ts': "export const path = '/probed'\n" }
    expect(await pathServed(project(type, files))).toBe(true)
  })
})

describe.each(['commonjs', 'module'])('a fault in a project of type %s', (type) => {
  test.each([
    ['rusher.config.ts', 'export default {\n  port: ,\n}\n', 2],
    ['rusher.config.mjs', 'export default {\n  port: ,\n}\n', 2],
    ['rusher.config.cjs', 'module.exports = {\n  port: ,\n}\n', 2],
    ['rusher.config.ts', "const x = 1\n\nthrow new Error('no such luck')\nexport default {}\n", 3],
    ['rusher.config.mjs', "const x = 1\n\nthrow new Error('no such luck')\n", 3],
    ['rusher.config.cjs', "const x = 1\n\nthrow new Error('no such luck')\n", 3],
  ])('%s, %j: one line with the file and the line', async (name, text, line) => {
    const directory = project(type, { [name]: text })
    const { code, err } = await runRusher(directory, ['serve', '--port', '0'])
    expect(code).toBe(2)
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(err).toContain(`${join(directory, name)}:${line}`)
    if (text.includes('throw')) expect(err).toContain('no such luck')
  })
})

test.each([
  ['a missing package', "import 'absent-package'\nexport default {}\n", 'absent-package'],
  ['a missing file', "import './absent.ts'\nexport default {}\n", 'absent'],
  ['no export', 'const x = 1\n', 'default export'],
  ['a thrown text', "throw 'plain words'\n", 'plain words'],
  ['a function', 'export default () => ({})\n', 'rusher.config.mjs'],
  ['an impossible origin', "export default { origins: ['app.example.com'] }\n", 'https://app'],
  ['a static folder that is not there', "export default { static: 'nowhere' }\n", 'nowhere'],
])('a configuration with %s ends in one line that names it', async (_what, text, named) => {
  const directory = project('module', { 'rusher.config.mjs': text })
  const { code, err } = await runRusher(directory, ['serve', '--port', '0'])
  expect(code).toBe(2)
  expect(err.trim().split('\n')).toHaveLength(1)
  expect(err).toContain(named)
})

test('a fault in a module that the configuration imports names that module and line', async () => {
  const directory = project('module', {
    'rusher.config.ts': "import './helper.ts'\nexport default {}\n",
    'helper.ts': "const x: number = 1\nthrow new Error('in the helper')\n",
  })
  const { code, err } = await runRusher(directory, ['serve', '--port', '0'])
  expect(code).toBe(2)
  expect(err).toContain(`${join(directory, 'helper.ts')}:2`)
})

describe('PORT of the platform', () => {
  const environment = { PORT: '0' }

  test('is listened on, unless the file, RUSHER_PORT or a flag gives another', async () => {
    const directory = project('module', {})
    const { code, err } = await portsOf(directory, { PORT: '99999' }, [])
    expect([code, err]).toEqual([2, expect.stringMatching(/^rusher: PORT must be .+'99999'\n$/)])
    expect((await portsOf(directory, { PORT: 'abc' }, [])).err).toContain('PORT')
    const file = project('module', { 'rusher.config.mjs': 'export default { port: 99999 }\n' })
    expect((await portsOf(file, environment, [])).err).toContain('rusher.config.mjs: port')
    const variable = { ...environment, RUSHER_PORT: '99999' }
    expect((await portsOf(directory, variable, [])).err).toContain('RUSHER_PORT')
    expect((await portsOf(directory, environment, ['--port', '99999'])).err).toContain('--port')
  })

  test('is where the server listens', async () => {
    const directory = project('module', { '.env': 'PORT=0\n' })
    const run = runServe({ directory, port: 'none', environment })
    await Promise.race([run.listening, run.exited])
    const listening = run.events.find(({ event }) => event === 'listening')
    expect(listening?.port).toBeGreaterThan(0)
    expect(listening?.port).not.toBe(8080)
  })
})

async function portsOf(
  directory: string,
  environment: Readonly<Record<string, string>>,
  flags: readonly string[],
) {
  const run = runServe({ directory, port: 'none', environment, flags })
  const { code } = await run.exited
  return { code, err: run.errors() }
}
