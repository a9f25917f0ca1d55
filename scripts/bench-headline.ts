/**
 * Repeats the kept run: many sessions that are ready in two channels each on SQLite, and few that speak, at one number after the other, each against a fresh
 * server on this machine. Beside it a bare `ws` server with as many upgraded connections as the first step has. See docs/bench.md.
 */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readBundle } from '../bench-harness/bundle/read-bundle.ts'
import { keptRunOf } from '../bench-harness/headline/kept-run.ts'

const usage = `npm run bench:headline -- [options]
  --steps <numbers>           sessions of each run, with commas (default: 10000,90000,270000)
  --connections <number>      the last step; steps above it are left out
  --duration <time>           what is measured of each (default: 60s)
  --settle <time>             before it (default: 15s)
  --rate <number>             arrivals a second (default: 1000)
  --under-way-max <number>    arrivals that may be begun and not ready (default: 1000)
  --members <number>          sessions that share a channel (default: 100)
  --keepalive <time>          as of rusher bench (default: 35s, or as much as 3,000 signs of life a second take)
  --out <folder>              what is kept (default: docs/benchmarks/runs/headline)
  --runs <folder>             the whole runs (default: rusher-runs)
  --no-bare                   without the bare baseline`

const root = fileURLToPath(new URL('..', import.meta.url))
/** One process, and one address without a second look for ports. */
const bareMax = 14_000
/** Signs of life a second that two processors have time for beside everything else. */
const signsPerSecond = 3_000
/** The server asks at this share of the keepalive. */
const askShare = 5 / 7
const keepaliveS = 35
/** The kernel's slab is at rest when it changes by less than this, in KB, from look to look. */
const restKb = 2_000
const restLookMs = 3_000
const restMsMax = 60_000
const interrupted = 130
/** Exit codes of runs that have figures. */
const measured = [0, 10, 11]

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '10000,90000,270000' },
    connections: { type: 'string' },
    duration: { type: 'string', default: '60s' },
    settle: { type: 'string', default: '15s' },
    rate: { type: 'string', default: '1000' },
    'under-way-max': { type: 'string', default: '1000' },
    members: { type: 'string', default: '100' },
    keepalive: { type: 'string' },
    out: { type: 'string', default: 'docs/benchmarks/runs/headline' },
    runs: { type: 'string', default: 'rusher-runs' },
    bare: { type: 'boolean', default: true },
    help: { type: 'boolean', default: false },
  },
  allowNegative: true,
})

function stepsOf(): readonly number[] {
  const steps = values.steps.split(',').map(Number)
  const most = values.connections === undefined ? undefined : Number(values.connections)
  if (![...steps, most ?? 1].every((step) => Number.isSafeInteger(step) && step > 0))
    throw new Error(`steps are whole numbers above 0\n${usage}`)
  return most === undefined ? steps : [...steps.filter((step) => step < most), most]
}

function keepaliveOf(connections: number): string {
  if (values.keepalive !== undefined) return values.keepalive
  return `${Math.max(keepaliveS, Math.ceil(connections / signsPerSecond / askShare))}s`
}

/** One run of `rusher bench`, with its lines on our output. */
function bench(connections: number, folder: string, words: readonly string[]): number {
  rmSync(resolve(root, folder), { recursive: true, force: true })
  const ended: SpawnSyncReturns<Buffer> = spawnSync(
    process.execPath,
    [
      'bin/rusher.js',
      'bench',
      ...['--connections', String(connections), '--out', folder, '--plain'],
      ...['--rate', values.rate, '--under-way-max', values['under-way-max']],
      ...['--duration', values.duration, '--settle', values.settle, '--timeout', '60s'],
      ...['--keepalive', keepaliveOf(connections)],
      // Both ends share the processors: how often the load was busy is told, and the promises are held against the server all the same.
      ...['--slo', 'ready>=100% loss=0', '--overloaded-max', '1'],
      ...words,
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  return ended.status ?? interrupted
}

function keep(folder: string, name: string): void {
  if (!existsSync(resolve(root, folder, 'plan.json'))) return
  const kept = keptRunOf(readBundle(resolve(root, folder)))
  mkdirSync(resolve(root, values.out), { recursive: true })
  writeFileSync(resolve(root, values.out, `${name}.json`), `${JSON.stringify(kept, null, 1)}\n`)
}

async function runBare(connections: number): Promise<number> {
  const child = spawn(process.execPath, ['dist/bench-harness/peers/ws-echo-peer.js'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.once('exit', () => reject(new Error('the bare server ended before it listened')))
      lines.once('line', (line) => resolve((JSON.parse(line) as { readonly port: number }).port))
    })
    const folder = join(values.runs, `headline-bare-${connections}`)
    const words = ['--scenario', 'hold', '--dialect', 'plain']
    const code = bench(connections, folder, [...words, '--target', `ws://127.0.0.1:${port}`])
    keep(folder, 'bare')
    return code
  } finally {
    child.kill('SIGTERM')
  }
}

/** What the kernel held for the sockets of the run before is given back over some seconds, and would be taken for less growth. */
async function untilSlabRests(): Promise<void> {
  if (!existsSync('/proc/meminfo')) return
  const slab = (): number =>
    Number(/^Slab:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1])
  const endMs = performance.now() + restMsMax
  for (let before = slab(); performance.now() < endMs; ) {
    await pause(restLookMs)
    const now = slab()
    if (Math.abs(now - before) < restKb) return
    before = now
  }
}

/** Runs all steps; one that has no figures, or was interrupted, ends them. Gives the worst exit code. */
async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  const steps = stepsOf()
  let worst = 0
  for (const connections of steps) {
    process.stdout.write(`\n=== ${connections.toLocaleString('en-US')} sessions\n`)
    const folder = join(values.runs, `headline-${connections}`)
    await untilSlabRests()
    const members = ['--set', `members=${values.members}`]
    const code = bench(connections, folder, ['--scenario', 'mostly-idle', ...members])
    keep(folder, String(connections))
    worst = Math.max(worst, code)
    if (!measured.includes(code)) break
  }
  const first = Math.min(...steps, bareMax)
  if (values.bare && worst !== interrupted) {
    process.stdout.write(`\n=== ${first.toLocaleString('en-US')} connections of a bare server\n`)
    await untilSlabRests()
    await runBare(first)
  }
  spawnSync(process.execPath, ['scripts/draw-headline.ts', values.out], {
    cwd: root,
    stdio: 'inherit',
  })
  return worst
}

process.exitCode = await main()
