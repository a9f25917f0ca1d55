import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The indented code at the top of src/client/index.ts, as somebody copies it. */
function exampleOf(url: string): string {
  const text = readFileSync(join(root, 'src/client/index.ts'), 'utf8')
  const lines = [...text.matchAll(/^ \* {5}(.*)$/gm)].map(([, line]) => line)
  const code = lines.join('\n').replace('http://127.0.0.1:8080', url)
  expect(code).toContain(url)
  return `import { connect } from 'rusher/client'\n${code}\n`
}

/** A project of somebody who has installed the package. */
function projectWith(code: string): string {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'node_modules'))
  symlinkSync(root, join(directory, 'node_modules/rusher'))
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  const compilerOptions = {
    ...{ strict: true, noEmit: true, module: 'nodenext', target: 'es2023' },
    ...{ lib: ['es2023', 'dom'], types: [] },
  }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  writeFileSync(join(directory, 'main.ts'), code)
  return directory
}

function run(directory: string): { readonly child: ChildProcess; readonly lines: () => string } {
  const child = spawn(process.execPath, ['main.ts'], { cwd: directory })
  let written = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      written += bytes.toString()
    })
  }
  const gone = new Promise((resolve) => child.once('exit', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await gone
  })
  return { child, lines: () => written }
}

test('the example of rusher/client compiles, and shows its own message when it runs', async () => {
  const server = await serve({ directory: temporaryDirectory() })
  const directory = projectWith(exampleOf(server.url))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  await promisify(execFile)(process.execPath, [compiler, '-p', directory])

  const { lines } = run(directory)
  await until('the message came back', () => lines() !== '')
  expect(lines()).toBe("ada { kind: 'say', text: 'hello' }\n")
})
