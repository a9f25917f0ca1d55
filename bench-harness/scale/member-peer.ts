import { setTimeout as pause } from 'node:timers/promises'
import { createHistogram } from '../histogram/histogram.ts'
import { openSessions } from '../quick/dialects.ts'
import { answerParent, type Fields, numberOf, textOf } from '../quick/peer-port.ts'
import type { RawSession } from '../quick/raw-session.ts'
import { openJoined } from './joined-session.ts'
import { packHistogram } from './packed-histogram.ts'
import { eachReply } from './replies.ts'
import { eachStamp, nowUs, stampedText } from './stamp.ts'

/*
 * Members that note how late each message is by the time that it carries; members that read nothing from some moment on; and one who speaks at set
 * times. Which of these a process is, the bench says.
 */

const atOnce = 64
const drainMs = 60_000

const members: RawSession[] = []
const latency = createHistogram()
/** For each message, by the time that it carries: how many have it, and when the last had it. */
let messages = new Map<number, { count: number; lastUs: number }>()
let heard = 0

function take(frame: Buffer): void {
  const now = nowUs()
  heard += eachStamp(frame, (stampUs) => {
    latency.record((now - stampUs) / 1_000)
    const message = messages.get(stampUs)
    if (message === undefined) messages.set(stampUs, { count: 1, lastUs: now })
    else {
      message.count += 1
      message.lastUs = now
    }
  })
}

/** Opens members in turn on so many addresses of the server, 127.0.0.1 and on. */
async function join(fields: Fields): Promise<Record<string, number>> {
  const port = numberOf(fields, 'port')
  const hosts = numberOf(fields, 'hosts')
  const prefix = textOf(fields, 'prefix')
  const channels = textOf(fields, 'channels').split(',')
  await openSessions(numberOf(fields, 'count'), atOnce, async (index) => {
    const host = `127.0.0.${1 + (index % hosts)}`
    const entry = { port, host, user: `${prefix}-${index}`, channels }
    // An edge that is full stops listening, and the kernel resets who waits there in that moment: any client comes again.
    const member = openJoined(entry, take).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET') throw error
      return openJoined(entry, take)
    })
    members.push(await member)
  })
  return { members: members.length }
}

/** From now on its members read nothing. */
function stall(): Record<string, number> {
  for (const member of members) member.pause()
  return { members: members.length }
}

/** Answers when its members have heard so many messages in all, or fails when they have not in time. */
async function hear(fields: Fields): Promise<Record<string, number | readonly number[]>> {
  const wanted = numberOf(fields, 'wanted')
  const endMs = performance.now() + numberOf(fields, 'withinMs')
  while (heard < wanted) {
    if (performance.now() > endMs) throw new Error(`${heard} were delivered of ${wanted}`)
    await pause(20)
  }
  if (heard > wanted) throw new Error(`${heard} were delivered, and only ${wanted} were said`)
  const rows = [...messages].sort(([a], [b]) => a - b)
  const answer = {
    latency: packHistogram(latency.encode()),
    stamps: rows.map(([stampUs]) => stampUs),
    counts: rows.map(([, { count }]) => count),
    lasts: rows.map(([, { lastUs }]) => lastUs),
  }
  latency.reset()
  messages = new Map()
  heard = 0
  return answer
}

/** Says turns of messages at set times, whatever became of those before, and answers when all are acknowledged. */
async function speak(fields: Fields): Promise<Record<string, number>> {
  const turns = numberOf(fields, 'turns')
  const perTurn = numberOf(fields, 'perTurn')
  const everyUs = numberOf(fields, 'everyMs') * 1_000
  const channel = textOf(fields, 'channel')
  const text = textOf(fields, 'text')
  let acked = 0
  const entry = { port: numberOf(fields, 'port'), host: '127.0.0.1', user: 'speaker', channels: [] }
  const session = await openJoined(entry, (frame) =>
    eachReply(frame, (_, refused) => {
      if (refused) throw new Error(`a message was refused: ${frame}`)
      acked += 1
    }),
  )
  const startUs = nowUs() + everyUs
  for (let turn = 0; turn < turns; turn += 1) {
    const dueUs = startUs + turn * everyUs
    await pause(Math.max(0, (dueUs - nowUs()) / 1_000))
    const commands = Array.from({ length: perTurn }, (_, no) => {
      const ref = turn * perTurn + no
      const body = { kind: 'say', text: stampedText(dueUs, text) }
      return { type: 'publish', ref, channel, id: `${startUs}-${ref}`, body }
    })
    session.send(JSON.stringify(commands))
  }
  const endMs = performance.now() + drainMs
  while (acked < turns * perTurn) {
    if (performance.now() > endMs)
      throw new Error(`${acked} messages were acknowledged of ${turns * perTurn}`)
    await pause(20)
  }
  session.reset()
  return { acked }
}

function reset(): Record<string, number> {
  const count = members.length
  for (const member of members.splice(0)) member.reset()
  return { count }
}

answerParent({ join, stall, hear, speak, reset })
