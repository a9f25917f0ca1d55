import { type Dialect, openSession, openSessions } from './dialects.ts'
import { answerParent, type Fields, numberOf, textOf } from './peer-port.ts'
import { countIn, type RawSession } from './raw-session.ts'

/*
 * Holds sessions, and counts what is delivered to them. One more session asks for the deliveries, a turn at a time: the next
 * begins when everybody has everything of the last, so that no server can run ahead of what is read.
 */

const atOnce = 64
/** Stands once in every message that is delivered. */
const marks = { rusher: '"type":"event"', bare: '"type":"event"', 'socket.io': '42["say",' }
const channel = 'chat:a'
const deadlineMs = 120_000

let members = 0
let delivered = 0
let wanted = Number.POSITIVE_INFINITY
let done: () => void = () => undefined

let event = Buffer.from(marks.rusher)

function take(frame: Buffer): void {
  delivered += countIn(frame, event)
  if (delivered >= wanted) done()
}

async function hold(fields: Fields): Promise<Record<string, number>> {
  const count = numberOf(fields, 'count')
  const dialect = textOf(fields, 'dialect') as Dialect
  event = Buffer.from(marks[dialect])
  const channels = textOf(fields, 'channels').split(',')
  const port = numberOf(fields, 'port')
  const prefix = `${textOf(fields, 'prefix')}-`
  await openSessions(count, atOnce, (index) =>
    openSession({ dialect, port, user: `${prefix}${index}`, channels }, take),
  )
  members += count
  return { members }
}

async function fanOut(fields: Fields): Promise<Record<string, number>> {
  const dialect = textOf(fields, 'dialect') as Dialect
  const perTurn = numberOf(fields, 'perTurn')
  const turns = numberOf(fields, 'turns')
  const text = textOf(fields, 'text')
  const asker = await openSession(
    { dialect, port: numberOf(fields, 'port'), user: 'publisher', channels: [] },
    () => undefined,
  )
  const before = delivered
  for (let turn = 0; turn < turns; turn += 1) {
    wanted = delivered + perTurn * members
    const all = waitForAll()
    askFor(asker, dialect, { turn, perTurn, text })
    await all
    if (delivered > wanted) throw new Error('more was delivered than was asked for')
  }
  return { delivered: delivered - before }
}

function waitForAll(): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('a turn was not delivered')), deadlineMs)
    done = () => {
      clearTimeout(late)
      resolve()
    }
  })
}

let ids = 0

function askFor(
  asker: RawSession,
  dialect: Dialect,
  { turn, perTurn, text }: { turn: number; perTurn: number; text: string },
): void {
  if (dialect === 'bare') return asker.send(JSON.stringify({ type: 'turn', turn, perTurn, text }))
  if (dialect === 'socket.io') {
    const packet = `42${JSON.stringify(['say', channel, text])}`
    for (let left = perTurn; left > 0; left -= 1) asker.send(packet)
    return
  }
  const commands = Array.from({ length: perTurn }, (_, ref) => {
    ids += 1
    const body = { kind: 'say', text }
    return { type: 'publish', ref, channel, id: `m${process.pid}-${ids}`, body }
  })
  asker.send(JSON.stringify(commands))
}

answerParent({ hold, fanOut })
