import {
  defaultLimits,
  earlyProtocols,
  protocolVersion,
  subprotocol,
} from '../../src/protocol/index.ts'
import { encodeFrame, opcodes } from '../wire/frames.ts'
import type { Connection } from '../worker/connection.ts'
import type { Dialect, DialectParts, Entry } from './dialect.ts'

/* The native protocol, as PROTOCOL.md has it. */

const connectRef = 1
const joinRef = 2
/** Where a connection stands that has said both in one frame. */
const bothSaid = 3
/** The references of later commands: number times four, and which of these it was. */
const echoes = 0
const publishes = 1
const joins = 2
const firstRef = 16

const pingMark = Buffer.from('"type":"ping"')
const pong = encodeFrame(opcodes.text, '{"type":"pong"}')

/** What of a server's message is looked at. It was JSON; everything else about it is unknown. */
interface Message {
  readonly type?: unknown
  readonly ref?: unknown
  readonly ok?: {
    readonly channels?: readonly JoinedHere[]
    readonly position?: { readonly offset?: number }
  }
  readonly error?: { readonly code?: string; readonly retry?: boolean }
  readonly channel?: string
  readonly offset?: number
  readonly id?: string
  readonly body?: { readonly text?: string }
  readonly afterMs?: number
  readonly gap?: { readonly from: number; readonly to: number }
  readonly joined?: readonly { readonly id: string }[]
  readonly left?: readonly string[]
}

interface JoinedHere {
  readonly channel: string
  readonly error?: unknown
  readonly position?: { readonly epoch: string; readonly offset: number }
  readonly recovered?: boolean
  readonly gap?: { readonly from: number; readonly to: number }
}

export function createRusherDialect({ send, hears }: DialectParts): Dialect {
  const say = (connection: Connection, command: object): void =>
    send(connection, encodeFrame(opcodes.text, JSON.stringify(command)))
  const parse = createParser()

  function entered(connection: Connection, message: Message, payload: Buffer): void {
    const raw = payload.subarray(0, 300).toString()
    // A server that drains says so to everybody, also between its two answers.
    if (message.type === 'drain' || message.type === 'ping') return hear(connection, message)
    if (message.type !== 'reply') return hears.broken(connection, raw)
    if (message.error !== undefined || message.ok === undefined)
      return hears.refusedEntry(connection, raw)
    if (message.ref === connectRef && connection.step !== joinRef) {
      const isSaid = connection.step === bothSaid
      connection.step = joinRef
      if (isSaid) return
      const { channels } = hears.entryOf(connection)
      return channels.length === 0 ? finish(connection) : sayJoin(connection, channels)
    }
    if (message.ref !== joinRef || message.ok.channels === undefined)
      return hears.broken(connection, raw)
    if (message.ok.channels.some(({ error }) => error !== undefined))
      return hears.refusedEntry(connection, raw)
    finish(connection)
    for (const joined of message.ok.channels) tellJoined(connection, joined)
  }

  function sayJoin(connection: Connection, channels: Entry['channels']): void {
    say(connection, { type: 'join', ref: joinRef, channels })
  }

  function finish(connection: Connection): void {
    connection.step = firstRef
    hears.ready(connection)
  }

  function tellJoined(connection: Connection, joined: JoinedHere): void {
    const { channel, position, recovered = false, gap } = joined
    if (position === undefined) return
    const { epoch, offset } = position
    hears.joined(connection, { channel, epoch, offset, recovered, ...(gap && { gap }) })
  }

  function replied(connection: Connection, { ref, ok, error }: Message): void {
    if (typeof ref !== 'number') return
    const no = Math.floor((ref - firstRef) / 4)
    const kind = (ref - firstRef) % 4
    if (kind === joins) {
      for (const joined of ok?.channels ?? []) tellJoined(connection, joined)
    } else if (error !== undefined)
      hears.refused(connection, no, error.code ?? '', error.retry === true)
    else if (kind === echoes) hears.echoed(connection, no)
    else if (kind === publishes) hears.acknowledged(connection, no, ok?.position?.offset)
  }

  function hear(connection: Connection, message: Message): void {
    const { type, channel = '', offset, id, body } = message
    switch (type) {
      case 'reply':
        return replied(connection, message)
      case 'event':
        return hears.delivered(connection, {
          channel,
          body: body?.text ?? '',
          ...(offset === undefined ? {} : { offset }),
          ...(id === undefined ? {} : { id }),
        })
      case 'gap':
        return hears.gap(connection, channel, message.gap?.from ?? 0, message.gap?.to ?? 0)
      case 'presence': {
        const joined = (message.joined ?? []).map((user) => user.id)
        return hears.presence(connection, channel, joined, message.left ?? [])
      }
      case 'ping':
        // In one frame with events: the rest of this turn's messages.
        hears.asked(connection)
        return send(connection, pong)
      case 'drain':
        return hears.drained(connection, message.afterMs ?? 0)
      default:
        return
    }
  }

  const refOf = (no: number, kind: number): number => firstRef + no * 4 + kind

  /** What a connection says first, and the step that it then stands at. */
  function firstOf(connection: Connection): { readonly text: string; readonly step: number } {
    const { user, channels } = hears.entryOf(connection)
    const token = hears.tokenOf(connection)
    const who = token === undefined ? { user: { id: user } } : { token }
    const connect = { type: 'connect', ref: connectRef, version: protocolVersion, ...who }
    const join = { type: 'join', ref: joinRef, channels }
    const both = JSON.stringify([connect, join])
    // One round trip, unless there are too many channels for a server that does not know us yet.
    const fits = channels.length > 0 && both.length <= defaultLimits.connectFrameBytesMax
    return fits
      ? { text: both, step: bothSaid }
      : { text: JSON.stringify(connect), step: connectRef }
  }

  return {
    name: 'rusher',
    offers(connection) {
      const { text, step } = firstOf(connection)
      connection.step = step
      return earlyProtocols(text)
    },
    opened(connection, protocol) {
      // The server has it already.
      if (protocol === subprotocol) return
      const { text, step } = firstOf(connection)
      connection.step = step
      send(connection, encodeFrame(opcodes.text, text))
    },
    message(connection, opcode, payload) {
      if (payload.length < 128 && payload.includes(pingMark)) {
        hears.asked(connection)
        return send(connection, pong)
      }
      const messages = opcode === opcodes.text ? parse(payload) : undefined
      if (messages === undefined)
        return hears.broken(connection, payload.subarray(0, 300).toString('latin1'))
      for (const message of messages) {
        if (connection.step < firstRef) entered(connection, message, payload)
        else hear(connection, message)
      }
    },
    echo(connection, no) {
      say(connection, { type: 'ping', ref: refOf(no, echoes) })
    },
    publish(connection, { no, channel, id, body }) {
      const text = typeof body === 'string' ? body : ''
      const ref = refOf(no, publishes)
      say(connection, { type: 'publish', ref, channel, id, body: { kind: 'say', text } })
    },
    join(connection, channel, presence) {
      say(connection, { type: 'join', ref: refOf(0, joins), channels: [{ channel, presence }] })
    },
    leave(connection, channel) {
      say(connection, { type: 'leave', ref: refOf(0, 3), channels: [channel] })
    },
  }
}

/** Reads frames; all members of a room get the same bytes, so the last frame that was read need not be read again. */
function createParser(): (payload: Buffer) => readonly Message[] | undefined {
  let last = Buffer.alloc(0)
  let lastMessages: readonly Message[] | undefined
  return (payload) => {
    if (payload.equals(last)) return lastMessages
    lastMessages = parseMessages(payload)
    last = Buffer.from(payload)
    return lastMessages
  }
}

function parseMessages(payload: Buffer): readonly Message[] | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(payload.toString())
  } catch {
    // Not JSON: whoever called says so.
    return undefined
  }
  const messages = Array.isArray(parsed) ? parsed : [parsed]
  return messages.every((one) => typeof one === 'object' && one !== null) ? messages : undefined
}
