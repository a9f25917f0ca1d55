import { setTimeout as pause } from 'node:timers/promises'
import { makeOrderedId } from '../../src/client/make-id.ts'
import { createHistogram } from '../histogram/histogram.ts'
import { answerParent, type Fields, numberOf, textOf } from '../quick/peer-port.ts'
import type { RawSession } from '../quick/raw-session.ts'
import { openJoined } from './joined-session.ts'
import { packHistogram } from './packed-histogram.ts'
import { eachReply } from './replies.ts'
import { nowUs } from './stamp.ts'

/*
 * An open loop: publish number n of the whole bench is due at `startUs + n / rate`, whatever became of those before it. Of all connections the bench
 * has, `connections`, this process holds those from `first` on; a connection takes every n that leaves its own number. What is due at a tick goes into
 * one frame a connection, as a busy backend sends it, and is timed from when each was due.
 */

const tickMs = 1
const frameCommandsMax = 1_000
const drainMs = 60_000
/** An id is as our client makes it, but for its end, which counts. */
const idChars = 36
const stemChars = 24

interface Client {
  readonly session: RawSession
  readonly no: number
  sent: number
  answered: number
}

interface Load {
  readonly startUs: number
  readonly fromUs: number
  readonly endUs: number
  readonly perSecond: number
  readonly connections: number
  readonly channels: number
  readonly text: string
}

const clients: Client[] = []
const latency = createHistogram()
const lag = createHistogram()
let load: Load | undefined
let ackedInTime = 0
let refused = 0
/** The first refusal as it was said. */
let refusal = ''

async function open(fields: Fields): Promise<Record<string, number>> {
  const port = numberOf(fields, 'port')
  const first = numberOf(fields, 'first')
  for (let no = first; no < first + numberOf(fields, 'clients'); no += 1) {
    const entry = { port, host: '127.0.0.1', user: `publisher-${no}`, channels: [] }
    const session = await openJoined(entry, (frame) => take(client, frame))
    const client: Client = { session, no, sent: 0, answered: 0 }
    clients.push(client)
  }
  return { clients: clients.length }
}

/** When a client's publish with this ref was due. */
function dueUs({ startUs, perSecond, connections }: Load, no: number, ref: number): number {
  return startUs + ((ref * connections + no) * 1_000_000) / perSecond
}

function take(client: Client, frame: Buffer): void {
  if (load === undefined) return
  const now = nowUs()
  const { fromUs, endUs } = load
  const { no } = client
  const current = load
  eachReply(frame, (ref, isRefusal) => {
    client.answered += 1
    if (isRefusal) {
      refused += 1
      if (refusal === '') refusal = frame.toString().slice(0, 300)
      return
    }
    if (now >= fromUs && now < endUs) ackedInTime += 1
    const due = dueUs(current, no, ref)
    if (due >= fromUs && due < endUs) latency.record((now - due) / 1_000)
  })
}

async function publish(fields: Fields): Promise<Record<string, number | readonly number[]>> {
  const fromUs = numberOf(fields, 'fromUs')
  load = {
    startUs: numberOf(fields, 'startUs'),
    fromUs,
    endUs: fromUs + numberOf(fields, 'ms') * 1_000,
    perSecond: numberOf(fields, 'perSecond'),
    connections: numberOf(fields, 'connections'),
    channels: numberOf(fields, 'channels'),
    text: textOf(fields, 'text'),
  }
  while (nowUs() < load.endUs) {
    for (const client of clients) sendDue(load, client)
    await pause(tickMs)
  }
  await drained()
  return {
    ackedInTime,
    refused,
    latency: packHistogram(latency.encode()),
    lag: packHistogram(lag.encode()),
  }
}

function sendDue(current: Load, client: Client): void {
  const now = Math.min(nowUs(), current.endUs)
  const stem = makeOrderedId(Date.now()).slice(0, stemChars)
  while (dueUs(current, client.no, client.sent) < now) {
    const commands: string[] = []
    while (commands.length < frameCommandsMax) {
      const due = dueUs(current, client.no, client.sent)
      if (due >= now) break
      if (due >= current.fromUs) lag.record((now - due) / 1_000)
      commands.push(publishOf(current, client, stem))
      client.sent += 1
    }
    client.session.send(`[${commands.join(',')}]`)
  }
}

function publishOf(
  { connections, channels, text }: Load,
  { no, sent }: Client,
  stem: string,
): string {
  const channel = (sent * connections + no) % channels
  const id = stem + (no * 2 ** 32 + sent).toString(16).padStart(idChars - stemChars, '0')
  return `{"type":"publish","ref":${sent},"channel":"chat:c${channel}","id":"${id}","body":{"kind":"say","text":"${text}"}}`
}

async function drained(): Promise<void> {
  const endMs = performance.now() + drainMs
  for (;;) {
    const unanswered = clients.reduce((sum, { sent, answered }) => sum + sent - answered, 0)
    if (unanswered === 0) break
    if (performance.now() > endMs)
      throw new Error(`${unanswered} publishes were not answered; first refusal: ${refusal}`)
    await pause(50)
  }
  if (refused > 0) process.stderr.write(`${refused} were refused, the first: ${refusal}\n`)
}

answerParent({ open, publish })
