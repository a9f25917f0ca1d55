import { setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { connectPath, protocolVersion } from '../../src/protocol/index.ts'
import { createRandom } from '../plan/random.ts'
import { answerParent, type Fields, numberOf, textOf } from '../quick/peer-port.ts'
import { type Family, mutateFrame, openingFrames, validFrames } from './mutate-document-frame.ts'
import { mutateText, type Random } from './mutate-text.ts'

/* Clients of one dialect that send broken frames at a set rate, and connect again when closed. */

const turnMs = 10
const openMs = 10_000
/** How many times as long as planned an attack may take. */
const latenessMax = 3
const join = { type: 'join', ref: 2, channels: [{ channel: 'chat:a' }] }

/** A connection and whether the server has answered, before which broken frames prove little. */
interface Line {
  readonly socket: WebSocket
  isReady: boolean
}

interface Attack {
  readonly port: number
  readonly dialect: 'native' | Family
  readonly random: Random
  readonly makeFrame: () => string | Uint8Array
  readonly closes: Map<number, number>
  opened: number
  refused: number
}

async function attack(fields: Fields): Promise<Record<string, number>> {
  const dialect = dialectOf(textOf(fields, 'dialect'))
  const frames = numberOf(fields, 'frames')
  const perTurn = (numberOf(fields, 'perSecond') * turnMs) / 1_000
  const next = createRandom(numberOf(fields, 'seed'))
  const random: Random = (limit) => Math.floor(next() * limit)
  const valid = dialect === 'native' ? [] : validFrames(dialect, 'hostile')
  const state: Attack = {
    port: numberOf(fields, 'port'),
    dialect,
    random,
    makeFrame: () => (dialect === 'native' ? mutateText(random) : mutateFrame(random, valid)),
    closes: new Map(),
    opened: 0,
    refused: 0,
  }
  const lines: (Line | undefined)[] = Array.from({ length: numberOf(fields, 'sockets') })
  let sent = 0
  let due = 0
  let dueMs = performance.now()
  // A server that refuses connections receives fewer frames; the count shows it.
  const endMs = dueMs + (latenessMax * frames * 1_000) / numberOf(fields, 'perSecond')
  while (sent < frames && performance.now() < endMs) {
    due = Math.min(due + perTurn, frames - sent)
    for (; due >= 1; due -= 1) sent += sendOne(state, lines)
    dueMs += turnMs
    await pause(Math.max(0, dueMs - performance.now()))
  }
  for (const line of lines) line?.socket.terminate()
  const counted = [...state.closes].map(([code, count]) => [`close ${code}`, count])
  return { sent, opened: state.opened, refused: state.refused, ...Object.fromEntries(counted) }
}

/** Sends one frame over a session that is ready, and opens the next where there is none. */
function sendOne(state: Attack, lines: (Line | undefined)[]): number {
  const at = state.random(lines.length)
  const line = lines[at]
  if (line === undefined || line.socket.readyState >= WebSocket.CLOSING) {
    lines[at] = open(state)
    return 0
  }
  if (!line.isReady) return 0
  line.socket.send(state.makeFrame())
  return 1
}

function open(state: Attack): Line {
  const { port, dialect } = state
  const path =
    dialect === 'native'
      ? connectPath
      : dialect === 'hocuspocus'
        ? '/docs?user=mallory'
        : '/docs/hostile?user=mallory'
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    perMessageDeflate: false,
    handshakeTimeout: openMs,
  })
  socket.on('open', () => {
    state.opened += 1
    if (dialect === 'native') {
      const user = { id: 'mallory' }
      const connect = { type: 'connect', ref: 1, version: protocolVersion, user }
      socket.send(JSON.stringify([connect, join]))
    } else for (const frame of openingFrames(dialect, 'hostile')) socket.send(frame)
  })
  const line: Line = { socket, isReady: false }
  socket.once('message', () => {
    line.isReady = true
  })
  socket.on('error', () => {
    state.refused += 1
  })
  socket.on('close', (code) => void state.closes.set(code, (state.closes.get(code) ?? 0) + 1))
  return line
}

function dialectOf(name: string): Attack['dialect'] {
  if (name === 'native' || name === 'y-websocket' || name === 'hocuspocus') return name
  throw new Error(`there is no dialect '${name}'`)
}

// A real attacker has its own machine; here it must not take the server's processor.
setPriority(19)
answerParent({ attack })
