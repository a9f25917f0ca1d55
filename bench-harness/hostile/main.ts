import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { rankOf } from '../histogram/histogram.ts'
import { describeMachine } from '../quick/machine.ts'
import { type Peer, startPeer } from '../quick/peer.ts'
import { type Figures, numberOf } from '../quick/peer-port.ts'
import { childrenOf, rssKbOf, settled } from '../quick/process-figures.ts'
import { type RusherServer, startRusher } from '../quick/rusher-server.ts'
import { mergeAnswered } from '../scale/packed-histogram.ts'

/* What broken frames and requests do to a server and to an honest session on it. */

const usage = `npm run bench:hostile -- [options]
  --frames <number>      frames in all, a third for each dialect (default: 3,000,000)
  --per-second <number>  frames a second in all (default: 6,000)
  --edges <number>       edge processes of the server (default: 0, one process)
  --seed <number>        of the mutations (default: 1)
  --folder <path>        folder for the database (default: the system's temporary folder)
  --profile <folder>     processor profiles of the server; the figures are then worse

Two attacks follow each other: 500 frames a second for a minute, which the machine can serve
beside the honest session, and then all the frames at the rate given.

Exits with 1 when the server ended, when an honest publish was lost, when its p99 in the first
attack was above twice its quiet value, or when memory did not come back.`

const dialects = ['native', 'y-websocket', 'hocuspocus'] as const
/** Frames for each HTTP request. */
const framesPerRequest = 60
const steady = { ms: 60_000, perSecond: 500 }
const quietMs = 20_000
/**
 * An attack before the attack. It starts the threads that a server has once documents are used, so
 * that what memory grows by afterwards is what the attack left behind.
 */
const warmUpMs = 30_000
const worseMax = 2
/** Memory that the server may have gained after the attack, in MB. */
const grownMaxMb = 64

interface Options {
  readonly frames: number
  readonly perSecond: number
  readonly seed: number
}

/** What an attack sent, for each dialect and over HTTP, and how the honest session did. */
interface AttackFigures {
  readonly honest: Figures
  readonly frames: readonly Figures[]
  readonly http: Figures
}

interface Outcome {
  readonly quiet: Figures
  readonly steady: AttackFigures
  readonly flood: AttackFigures
  readonly after: Figures
  readonly grownMb: number
  readonly alive: boolean
}

async function attackServer(server: RusherServer, options: Options): Promise<Outcome> {
  const { port, pid } = server
  const probe = startPeer('hostile/probe-peer')
  const peers: Peer[] = [probe]
  const start = (name: Parameters<typeof startPeer>[0]): Peer => {
    const peer = startPeer(name)
    peers.push(peer)
    return peer
  }
  try {
    const attackers = dialects.map(() => start('hostile/attacker-peer'))
    const http = start('hostile/http-attacker-peer')
    const attack = { port, probe, attackers, http, seed: options.seed }
    await attackFor(warmUpMs, { ...attack, perSecond: options.perSecond, seed: 0 })
    const before = await memoryMb(pid)
    const quiet = await probe.ask('probe', { port, ms: quietMs })
    const served = await attackFor(steady.ms, { ...attack, perSecond: steady.perSecond })
    const { frames, perSecond } = options
    const flood = await attackFor((frames / perSecond) * 1_000, { ...attack, perSecond })
    const after = await probe.ask('probe', { port, ms: quietMs / 2 })
    const grownMb = (await memoryMb(pid)) - before
    return { quiet, steady: served, flood, after, grownMb, alive: isAlive(pid) }
  } finally {
    for (const peer of peers) await peer.stop()
  }
}

interface Attack {
  readonly port: number
  readonly probe: Peer
  /** One for each dialect. */
  readonly attackers: readonly Peer[]
  readonly http: Peer
  readonly perSecond: number
  readonly seed: number
}

/** Attacks for so long, while the honest session goes on. */
async function attackFor(
  ms: number,
  { port, probe, attackers, http, perSecond, seed }: Attack,
): Promise<AttackFigures> {
  const attacking = attackers.map((attacker, no) =>
    askInParts(attacker, {
      port,
      dialect: dialects[no] ?? '',
      frames: Math.ceil((ms * perSecond) / 1_000 / dialects.length),
      perSecond: perSecond / dialects.length,
      seed: seed + no,
    }),
  )
  const during: Figures[] = []
  const requests: Figures[] = []
  const rounds = Math.ceil(ms / partMs)
  for (let round = 0; round < rounds; round += 1) {
    const part = { port, ms: Math.min(partMs, ms) }
    const [said, sent] = await Promise.all([
      probe.ask('probe', part),
      http.ask('attack', { ...part, perSecond: perSecond / framesPerRequest, seed: seed + round }),
    ])
    during.push(said)
    requests.push(sent)
    process.stderr.write(`${round + 1} of ${rounds}: p99 ${p99Of([said]).toFixed(1)} ms\n`)
  }
  return { honest: sum(during), frames: await Promise.all(attacking), http: sum(requests) }
}

/** Requests to a peer time out after a few minutes, so a long attack is split, in milliseconds. */
const partMs = 60_000

async function askInParts(
  peer: Peer,
  fields: {
    readonly frames: number
    readonly perSecond: number
    readonly seed: number
    readonly port: number
    readonly dialect: string
  },
): Promise<Figures> {
  const perPart = Math.ceil((fields.perSecond * partMs) / 1_000)
  const answers: Figures[] = []
  for (let left = fields.frames; left > 0; left -= perPart) {
    const seed = fields.seed + answers.length * dialects.length
    const frames = Math.min(perPart, left)
    answers.push(await peer.ask('attack', { ...fields, frames, seed, sockets: 16 }))
  }
  return sum(answers)
}

/** Adds up what was counted; rows of a histogram are kept as one merged row. */
function sum(answers: readonly Figures[]): Figures {
  const total: Record<string, number | readonly number[]> = {}
  for (const answer of answers) {
    for (const [name, value] of Object.entries(answer)) {
      if (typeof value === 'number') total[name] = Number(total[name] ?? 0) + value
    }
  }
  if (answers[0]?.['latency'] !== undefined) {
    const { n, max, buckets } = mergeAnswered(answers, 'latency')
    total['latency'] = [n, max, ...buckets]
  }
  return total
}

function p99Of(answers: readonly Figures[]): number {
  return rankOf(mergeAnswered(answers, 'latency'), 0.99)
}

async function memoryMb(pid: number): Promise<number> {
  const pids = [pid, ...childrenOf(pid)]
  await settled(pids)
  return pids.reduce((total, one) => total + rssKbOf(one), 0) / 1_024
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function report({ quiet, steady: served, flood, after, grownMb, alive }: Outcome): boolean {
  const honest = [quiet, served.honest, flood.honest, after]
  const lines = [
    ...flood.frames.map((figures, no) => `${dialects[no]}: ${JSON.stringify(figures)}`),
    `http: ${numberOf(flood.http, 'requests')} requests`,
    ...['before', `beside ${steady.perSecond} frames/s`, 'beside all frames', 'after'].map(
      (when, no) => honestLine(when, honest[no] ?? {}),
    ),
  ]
  const ratio = p99Of([served.honest]) / p99Of([quiet])
  const lost = honest.some((figures) => numberOf(figures, 'acked') !== numberOf(figures, 'sent'))
  const checks = [
    [alive, 'the server is the process that was started'],
    [!lost, 'every honest publish was acknowledged'],
    [
      ratio <= worseMax,
      `p99 beside ${steady.perSecond} frames/s is ${ratio.toFixed(2)} x the quiet one (at most ${worseMax})`,
    ],
    [grownMb <= grownMaxMb, `memory grew by ${grownMb.toFixed(0)} MB (at most ${grownMaxMb})`],
  ] as const
  lines.push(...checks.map(([met, text]) => `${met ? 'met   ' : 'MISSED'} ${text}`))
  process.stdout.write(`${lines.join('\n')}\n`)
  return checks.every(([met]) => met)
}

function honestLine(when: string, figures: Figures): string {
  const latency = mergeAnswered([figures], 'latency')
  const [p50, p99] = [rankOf(latency, 0.5).toFixed(1), rankOf(latency, 0.99).toFixed(1)]
  const [acked, sent] = [numberOf(figures, 'acked'), numberOf(figures, 'sent')]
  return `honest publishes ${when}: ${acked} of ${sent} acknowledged, p50 ${p50} ms, p99 ${p99} ms`
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      frames: { type: 'string', default: '3000000' },
      'per-second': { type: 'string', default: '6000' },
      edges: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      folder: { type: 'string', default: tmpdir() },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return void process.stdout.write(`${usage}\n`)
  const [frames, perSecond, edges, seed] = [
    values.frames,
    values['per-second'],
    values.edges,
    values.seed,
  ].map(Number)
  if (!((frames ?? 0) >= 3) || !((perSecond ?? 0) >= 3)) throw new Error(usage)
  const folder = await mkdtemp(join(values.folder, 'rusher-bench-'))
  const { cpu, cores, node, at, loadAverage } = describeMachine()
  process.stdout.write(
    `${cpu}, ${cores} cores; Node ${node}; ${at}, load average ${loadAverage} at the start\n`,
  )
  const { profile } = values
  const server = await startRusher({ folder, storage: 'sqlite', edges: edges ?? 0, profile })
  try {
    const options = { frames: frames ?? 0, perSecond: perSecond ?? 0, seed: seed ?? 1 }
    if (!report(await attackServer(server, options))) process.exitCode = 1
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

await main()
process.exit()
