import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Figure } from '../quick/figure.ts'
import { describeMachine } from '../quick/machine.ts'
import { endChild, pidOf } from '../quick/peer.ts'
import { startRusher } from '../quick/rusher-server.ts'
import { tableOf } from '../quick/table.ts'
import { acknowledging, fanOut, idleMemory, type Subject, sendOrphans } from './measures.ts'
import { type Killable, replay } from './replay.ts'
import type { Family } from './stock-client.ts'
import { readTrace } from './trace.ts'

/* Documents beside Hocuspocus 4.7 in the same run, which here keeps nothing, while ours has each update on disk before it is acknowledged. */

interface Started extends Subject {
  stop(): Promise<void>
}

async function startOurs(folder: string): Promise<Started> {
  const server = await startRusher({ folder, storage: 'sqlite' })
  return { ...server, url: `ws://127.0.0.1:${server.port}/docs` }
}

async function startTheirs(): Promise<Started> {
  const child = fork(fileURLToPath(new URL('./hocuspocus-peer.js', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (said: { readonly port: number }) => resolve(said.port))
    child.once('exit', () => reject(new Error('Hocuspocus ended before it listened')))
  })
  return {
    pid: pidOf(child),
    url: `ws://127.0.0.1:${port}`,
    stop: () => endChild(child),
  }
}

/** Runs one measure on a fresh server of each kind. */
async function onBoth<Result>(
  root: string,
  measure: (subject: Subject) => Promise<Result>,
): Promise<{ readonly ours: Result; readonly theirs: Result }> {
  const results: Result[] = []
  for (const start of [async () => startOurs(await mkdtemp(join(root, 'run-'))), startTheirs]) {
    const subject = await start()
    try {
      results.push(await measure(subject))
    } finally {
      await subject.stop()
    }
  }
  const [ours, theirs] = results
  if (ours === undefined || theirs === undefined) throw new Error('a measure gave nothing')
  return { ours, theirs }
}

async function measureAll(root: string, scale: number): Promise<readonly Figure[]> {
  const edits = Math.ceil(300 * scale)
  const quiet = await onBoth(root, (subject) => acknowledging(subject, 'notes', edits))
  const attacked = await onBoth(root, (subject) =>
    acknowledging(subject, 'notes', edits, () => sendOrphans(subject, 'notes')),
  )
  const delivered = await onBoth(root, (subject) => fanOut(subject, 300, Math.ceil(200 * scale)))
  const idle = await onBoth(root, (subject) => idleMemory(subject, Math.ceil(1_000 * scale)))
  const moved = attacked.ours.max - quiet.ours.p50
  return [
    figure('acknowledgement of an edit, p50', 'ms', quiet.ours.p50, quiet.theirs.p50),
    figure('acknowledgement of an edit, p99', 'ms', quiet.ours.p99, quiet.theirs.p99),
    {
      ...figure(
        'worst acknowledgement while somebody sends 1 MB of orphans',
        'ms',
        attacked.ours.max,
        attacked.theirs.max,
      ),
      target: { text: 'moved by less than 50 ms', met: moved < 50 },
    },
    figure(
      'server CPU for one update to one of 300 readers',
      'us',
      delivered.ours,
      delivered.theirs,
    ),
    figure('memory of a connection with a document of its own', 'KB', idle.ours, idle.theirs),
  ]
}

/** Rusher on one port and one folder, which each kill starts again. */
async function startKillable(folder: string): Promise<Killable & { stop(): Promise<void> }> {
  let server = await startRusher({ folder, storage: 'sqlite' })
  const { port } = server
  return {
    port,
    async kill() {
      await server.stop()
      server = await startRusher({ folder, storage: 'sqlite', port })
    },
    stop: () => server.stop(),
  }
}

/** Types recorded sessions again through stock clients while the server is killed; says for each whether everybody ends with its text. */
async function replayTraces(root: string, traces: string): Promise<boolean> {
  let all = true
  for (const file of ['friendsforever.json.gz', 'automerge-paper.json.gz'])
    for (const family of ['Hocuspocus', 'y-websocket'] satisfies Family[]) {
      const server = await startKillable(await mkdtemp(join(root, 'trace-')))
      try {
        const trace = readTrace(join(traces, file))
        const { keystrokes, ends } = await replay(server, trace, 'notes', { family, kills: 5 })
        const verdict = ends ? 'everybody has the recorded end' : 'NOT the recorded end'
        process.stdout.write(
          `${file} typed through ${family}: ${keystrokes} keystrokes, 6 kills: ${verdict}\n`,
        )
        all &&= ends
      } finally {
        await server.stop()
      }
    }
  return all
}

function figure(name: string, unit: string, rusher: number, bare: number): Figure {
  return { id: `documents: ${name}`, name, unit, rusher, bare, ratio: rusher / bare }
}

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    folder: { type: 'string', default: tmpdir() },
    /** A folder with recorded editing sessions of github.com/josephg/editing-traces (CC BY 4.0): types them instead of measuring. */
    traces: { type: 'string' },
  },
})
const root = await mkdtemp(join(values.folder, 'rusher-bench-'))
try {
  if (values.traces !== undefined) {
    process.exitCode = (await replayTraces(root, values.traces)) ? 0 : 1
  } else {
    const machine = describeMachine()
    const figures = await measureAll(root, values.short ? 0.1 : 1)
    process.stdout.write('The bare column is Hocuspocus 4.7.0 with nothing stored.\n')
    process.stdout.write(`${tableOf({ machine, figures, failed: [] })}\n`)
  }
} finally {
  await rm(root, { recursive: true, force: true })
}
process.exit()
