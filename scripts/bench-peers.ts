import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/*
 * The same client against Rusher and against others, in the scenarios that they can serve: `npm run bench:peers [-- --out <folder>]`. Each run is
 * one of `rusher bench`, kept with its bundle. What the others acknowledge is in their memory, or nothing is; Rusher keeps what it is
 * given on disk.
 */

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'rusher-runs/peers' },
    duration: { type: 'string', default: '15s' },
  },
})

interface Entry {
  readonly name: string
  /** Program of the peer; absent: Rusher, which the bench starts itself. */
  readonly peer?: string
  readonly path?: string
  readonly words: readonly string[]
}

const echo = ['--scenario', 'echo', '--set', 'rate=200', '-n', '500']
const broadcast = ['--scenario', 'broadcast', '--set', 'rate=5', '-n', '500']
const document = ['--scenario', 'document', '--set', 'rate=0.5', '-n', '100']
const plain = ['--dialect', 'plain']
const socketIo = ['--dialect', 'socket.io']

const entries: readonly Entry[] = [
  { name: 'echo-rusher', words: echo },
  { name: 'echo-ws', peer: 'ws-echo-peer', words: [...echo, ...plain] },
  { name: 'echo-socket.io', peer: 'socket-io-peer', words: [...echo, ...socketIo] },
  { name: 'broadcast-rusher', words: broadcast },
  { name: 'broadcast-ws', peer: 'ws-echo-peer', path: '/fanout', words: [...broadcast, ...plain] },
  { name: 'broadcast-socket.io', peer: 'socket-io-peer', words: [...broadcast, ...socketIo] },
  { name: 'document-rusher', words: document },
  { name: 'document-hocuspocus', peer: 'hocuspocus-peer', path: '/docs', words: document },
]

interface Kept {
  readonly verdict: string
  readonly latency: Readonly<Record<string, { readonly p50?: number; readonly p99?: number }>>
  readonly history: { readonly lost: number; readonly doubled: number; readonly gaps: number }
  readonly server?: { readonly cpuMean?: number }
}

async function runOne({ name, peer, path = '', words }: Entry): Promise<string> {
  const out = join(values.out, name)
  rmSync(out, { recursive: true, force: true })
  const started = peer === undefined ? undefined : await startPeer(peer)
  const target = started === undefined ? [] : ['--target', `ws://127.0.0.1:${started.port}${path}`]
  spawnSync(
    process.execPath,
    [
      'bin/rusher.js',
      'bench',
      ...words,
      ...target,
      '--duration',
      values.duration,
      '--out',
      out,
      '-q',
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  started?.stop()
  const kept = JSON.parse(readFileSync(join(root, out, 'result.json'), 'utf8')) as Kept
  const kind = { echo: 'echo', broadcast: 'completion', document: 'convergence' }[
    name.split('-')[0] ?? ''
  ]
  const { p50, p99 } = kept.latency[kind ?? ''] ?? {}
  const { lost, doubled, gaps } = kept.history
  const cells = [
    name,
    kept.verdict,
    `${p50 ?? '-'} ms`,
    `${p99 ?? '-'} ms`,
    `${lost} lost, ${doubled} doubled, ${gaps} gaps`,
    `${kept.server?.cpuMean ?? '-'}`,
  ]
  return `| ${cells.join(' | ')} |`
}

function startPeer(name: string): Promise<{ readonly port: number; stop(): void }> {
  const child = spawn(process.execPath, [`dist/bench-harness/peers/${name}.js`], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${name} ended before it listened`)))
    createInterface({ input: child.stdout }).once('line', (line) => {
      const { port } = JSON.parse(line) as { readonly port: number }
      resolve({ port, stop: () => void child.kill('SIGTERM') })
    })
  })
}

mkdirSync(join(root, values.out), { recursive: true })
const rows = [
  '| run | verdict | p50 | p99 | history | server processors |',
  '|---|---|---|---|---|---|',
]
for (const entry of entries) rows.push(await runOne(entry))
process.stdout.write(`${rows.join('\n')}\n`)
