import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Peer, startPeer } from '../dist/bench-harness/quick/peer.js'
import {
  type RusherServer,
  type ServeOptions,
  startRusher,
} from '../dist/bench-harness/quick/rusher-server.js'
import { type CpuProfile, selfTimesOf } from '../dist/bench-harness/quick/self-time.js'
import { bytesBySort, type HeapSnapshot } from './profile-heap.ts'

/* Runs `rusher serve` under a profiler while a small load of the benches is on it, prints what costs most, and leaves the files to look at. */

const usage = `npm run profile -- <cpu | heap | clinic <doctor | flame | bubbleprof>> [options]
  cpu                processor time by function, for each process and thread
  heap               bytes a session by constructor: two snapshots, with sessions between them
  clinic <tool>      a report of Clinic.js, which npx fetches; with storage in memory, since it cannot tell threads apart
  --load <name>      room (default), publishing or connecting
  --edges <number>   edge processes (default: 0); for cpu alone
  --sessions <n>     sessions between the snapshots (default: 2000)
  --rows <number>    rows of a table (default: 25)
  --out <folder>     where files go (default: rusher-runs/profile)`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    load: { type: 'string', default: 'room' },
    edges: { type: 'string', default: '0' },
    sessions: { type: 'string', default: '2000' },
    rows: { type: 'string', default: '25' },
    out: { type: 'string', default: 'rusher-runs/profile' },
    help: { type: 'boolean', default: false },
  },
})
const rowsMax = Number(values.rows)
const text = 'A message of ordinary length, as people write them in a chat.'

type Load = (server: RusherServer) => Promise<void>

const loads: Readonly<Record<string, Load>> = {
  room: ({ port }) =>
    withPeer('quick/session-peer', async (peer) => {
      const room = { port, dialect: 'rusher' }
      await peer.ask('hold', { ...room, count: 500, channels: 'chat:a', prefix: 'user' })
      await peer.ask('fanOut', { ...room, turns: 200, perTurn: 10, text })
    }),
  publishing: ({ port }) =>
    withPeer('quick/publishing-peer', async (peer) => {
      const load = { clients: 8, inFlight: 100, warmMs: 1_000, ms: 6_000 }
      await peer.ask('publish', { port, text, ...load })
    }),
  connecting: ({ port }) =>
    withPeer('scale/connecting-peer', async (peer) => {
      for (let round = 0; round < 5; round += 1) {
        await connect(peer, port, 2_000, `round-${round}`)
        await peer.ask('reset')
      }
    }),
}

async function withPeer(
  name: Parameters<typeof startPeer>[0],
  use: (peer: Peer) => Promise<void>,
): Promise<void> {
  const peer = startPeer(name)
  try {
    await use(peer)
  } finally {
    await peer.stop()
  }
}

async function connect(peer: Peer, port: number, count: number, prefix: string): Promise<void> {
  const channels = 'chat:a,chat:b'
  await peer.ask('connect', { port, dialect: 'rusher', count, atOnce: 64, channels, prefix })
}

/** Serves from a new folder for as long as it is used. */
async function serving(options: Partial<ServeOptions>, use: Load): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rusher-profile-'))
  try {
    const server = await startRusher({ folder, storage: 'sqlite', ...options })
    try {
      await use(server)
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function profileCpu(load: Load, out: string): Promise<void> {
  let core = 0
  await serving({ edges: Number(values.edges), profile: out }, (server) => {
    core = server.pid
    return load(server)
  })
  const files = filesIn(out, '.cpuprofile')
  if (files.length === 0) throw new Error(`node left no profile in ${out}`)
  const profiles = files.map((file) => {
    const [, pid, thread] = /\.(\d+)\.(\d+)\.\d+\.cpuprofile$/.exec(file) ?? []
    const role =
      Number(pid) === core ? (values.edges === '0' ? 'the server' : 'the core') : 'an edge'
    const read = JSON.parse(readFileSync(join(out, file), 'utf8')) as CpuProfile
    return { file, title: `${role}, thread ${thread}`, ...selfTimesOf(read) }
  })
  for (const { file, title, busyMs, rows } of profiles.sort((a, b) => b.busyMs - a.busyMs)) {
    print(`\n${title}: busy for ${(busyMs / 1_000).toFixed(2)} s; ${join(out, file)}`)
    for (const { where, ms, share } of rows.slice(0, rowsMax))
      print(`${ms.toFixed(0).padStart(8)} ms ${(share * 100).toFixed(1).padStart(5)} %  ${where}`)
  }
  print('\nChrome (DevTools, Performance, Load profile) and editors open these files.')
}

async function profileHeap(out: string): Promise<void> {
  const sessions = Number(values.sessions)
  const nodeOptions = ['--heapsnapshot-signal=SIGUSR2', `--diagnostic-dir=${out}`]
  await serving({ nodeOptions }, ({ port, pid }) =>
    withPeer('scale/connecting-peer', async (peer) => {
      await connect(peer, port, 200, 'warm')
      await peer.ask('reset')
      const before = await snapshot(pid, out)
      await connect(peer, port, sessions, 'user')
      const after = await snapshot(pid, out)
      const [was, is] = [bytesBySort(before.read), bytesBySort(after.read)]
      const rows = [...is]
        .map(([sort, bytes]) => ({ sort, each: (bytes - (was.get(sort) ?? 0)) / sessions }))
        .sort((a, b) => b.each - a.each)
      const total = rows.reduce((sum, { each }) => sum + each, 0)
      print(`\n${sessions} sessions with two channels: ${total.toFixed(0)} bytes of heap each`)
      for (const { sort, each } of rows.slice(0, rowsMax))
        print(`${each.toFixed(1).padStart(9)}  ${sort}`)
      print(`\n${before.file}\n${after.file}\nChrome (DevTools, Memory, Load) compares the two.`)
    }),
  )
}

/** Has the server write a snapshot, for which it collects garbage first, and waits until all of it is there. */
async function snapshot(
  pid: number,
  out: string,
): Promise<{ readonly file: string; readonly read: HeapSnapshot }> {
  const had = new Set(filesIn(out, '.heapsnapshot'))
  // Those who just left are gone.
  await pause(1_000)
  process.kill(pid, 'SIGUSR2')
  for (let tries = 0; tries < 240; tries += 1) {
    await pause(500)
    const name = filesIn(out, '.heapsnapshot').find((file) => !had.has(file))
    const written = name === undefined ? '' : readFileSync(join(out, name), 'utf8')
    if (name !== undefined && written.trimEnd().endsWith('}'))
      return { file: join(out, name), read: JSON.parse(written) as HeapSnapshot }
  }
  throw new Error(`the server wrote no snapshot into ${out}`)
}

async function profileByClinic(tool: string, load: Load, out: string): Promise<void> {
  if (!['doctor', 'flame', 'bubbleprof'].includes(tool)) throw new Error(usage)
  // Without it, and without a terminal, Clinic asks a question that nobody answers, and ends having done nothing.
  process.env['NO_INSIGHT'] = '1'
  const under = ['npx', '--yes', 'clinic@13', tool, '--open=false', `--dest=${out}`, '--']
  try {
    // Threads would write into the files of the process, which nobody can read then; in memory there are none.
    await serving({ under, storage: 'memory' }, load)
  } catch (error) {
    const advice = 'npx must be able to fetch clinic@13; "npm run profile -- cpu" needs nothing'
    throw new Error(`clinic ${tool} did not run the server to its end; ${advice}`, { cause: error })
  }
  const reports = filesIn(out, '.html')
  const whole = (file: string): boolean => readFileSync(join(out, file), 'utf8').includes('</html>')
  if (reports.length === 0 || !reports.every(whole))
    throw new Error(
      `clinic ${tool} left no whole report in ${out}; "npm run profile -- cpu" needs no Clinic`,
    )
  print(`\nOpen in a browser: ${reports.map((file) => join(out, file)).join(', ')}`)
}

function filesIn(folder: string, ending: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith(ending))
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

const [kind = '', tool = ''] = positionals
const load = loads[values.load]
if (values.help || load === undefined || !['cpu', 'heap', 'clinic'].includes(kind)) {
  print(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  mkdirSync(values.out, { recursive: true })
  const out = mkdtempSync(join(resolve(values.out), `${[kind, tool].join('-')}-`))
  if (kind === 'cpu') await profileCpu(load, out)
  else if (kind === 'heap') await profileHeap(out)
  else await profileByClinic(tool, load, out)
}
