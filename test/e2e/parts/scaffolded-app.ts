import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { setup as build } from '../../parts/build.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A project as a stranger has it: packed, installed, made by `rusher init`, installed again, built. */
export interface ScaffoldedApp {
  readonly directory: string
  remove(): void
}

/**
 * A project of a test file's own. The first file that asks for a template makes it; the others get
 * a copy, in which only `node_modules` is shared.
 */
export function scaffoldApp(template: string): ScaffoldedApp {
  const cache = inject('scaffoldedApps')
  const made = join(cache, template)
  if (!existsSync(made)) {
    makeApp(cache, template)
    renameSync(join(cache, 'unfinished'), made)
  }
  const directory = mkdtempSync(join(tmpdir(), 'rusher-e2e-'))
  const modules = join(made, 'node_modules')
  cpSync(made, directory, { recursive: true, filter: (source) => source !== modules })
  run(directory, 'cp', '-al', modules, directory)
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}

function makeApp(cache: string, template: string): void {
  const app = join(cache, 'unfinished')
  rmSync(app, { recursive: true, force: true })
  const { tool, tarball } = packedTool(cache)
  const init = ['init', app, '--template', template, '--yes', '--no-git']
  run(tool, process.execPath, programOf(tool), ...init, '--rusher', `file:${tarball}`)
  run(app, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline')
  run(app, 'npm', 'run', 'build')
}

/** The package as it is published, and a project in which it is installed to run `rusher init`. */
function packedTool(cache: string): { readonly tool: string; readonly tarball: string } {
  const tool = join(cache, 'tool')
  const tarballIn = (): string | undefined =>
    readdirSync(cache).find((name) => name.endsWith('.tgz'))
  if (!existsSync(programOf(tool))) {
    build()
    run(root, 'npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', cache)
    mkdirSync(tool, { recursive: true })
    writeFileSync(join(tool, 'package.json'), '{"private":true}\n')
    const tarball = join(cache, tarballIn() ?? '')
    run(tool, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', tarball)
  }
  return { tool, tarball: join(cache, tarballIn() ?? '') }
}

export interface ServedApp {
  readonly url: string
  readonly port: number
  /** As if the machine lost its power, for the process. */
  kill(): Promise<void>
}

/** Serves a built project with the server that is installed in it. */
export async function serveApp(
  directory: string,
  { port = 0, config }: { readonly port?: number; readonly config?: string } = {},
): Promise<ServedApp> {
  const flags = ['--static', 'dist', '--port', String(port), '--json']
  const configFlags = config === undefined ? [] : ['--config', config]
  const server = spawn(
    process.execPath,
    [programOf(directory), 'serve', ...flags, ...configFlags],
    { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const listening = await firstLine(server)
  return { url: listening.url, port: listening.port, kill: () => kill(server) }
}

/** Serves the pages of a built project on a port, as a proxy does whose Rusher server is down. */
export async function servePages(
  directory: string,
  port: number,
): Promise<{ close(): Promise<void> }> {
  const types: Record<string, string> = { '.css': 'text/css', '.js': 'text/javascript' }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost')
    const path = join(directory, 'dist', pathname === '/' ? 'index.html' : pathname)
    if (!existsSync(path)) return response.writeHead(404).end()
    response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'text/html' })
    response.end(readFileSync(path))
  })
  server.on('upgrade', (_, socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function programOf(directory: string): string {
  return join(directory, 'node_modules', 'rusher', 'bin', 'rusher.js')
}

function run(directory: string, command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] })
}

function firstLine(server: ChildProcess): Promise<{ readonly url: string; readonly port: number }> {
  return new Promise((resolve, reject) => {
    if (server.stdout === null) return reject(new Error('the server has no output'))
    createInterface({ input: server.stdout }).once('line', (line) => resolve(JSON.parse(line)))
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
}

function kill(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    server.once('exit', () => resolve())
    server.kill('SIGKILL')
  })
}
