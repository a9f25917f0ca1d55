import {
  type Command,
  connectPath,
  encodeCommands,
  protocolVersion,
} from '../../src/protocol/index.ts'
import { openRawSession, type RawSession, type Target } from './raw-session.ts'

/**
 * `rusher`: the native protocol. `bare`: any text is answered by a text, with nothing behind it. `socket.io`: Engine.IO 4 and Socket.IO 5 over
 * WebSocket alone, as peers/socket-io-peer.ts takes them.
 */
export type Dialect = 'rusher' | 'bare' | 'socket.io'

export interface Opening {
  readonly dialect: Dialect
  readonly port: number
  readonly user: string
  readonly channels: readonly string[]
}

const ping = Buffer.from('"type":"ping"')
/** A frame below this with a ping in it has nothing else. */
const pingBytesMax = 128

/** Opens a session and brings it to where it only waits: two questions asked and answered, in either dialect. */
export async function openSession(
  { dialect, port, user, channels }: Opening,
  onFrame: (frame: Buffer) => void,
): Promise<RawSession> {
  if (dialect === 'socket.io') return openSocketIo(port, channels, onFrame)
  const target: Target = { port, path: connectPath }
  const session = await openRawSession(target, (frame, self) => {
    // A ping comes alone, or in one frame with what else the turn had.
    const isAsked = frame.includes(ping)
    if (isAsked) self.send('{"type":"pong"}')
    if (!isAsked || frame.length >= pingBytesMax) onFrame(frame)
  })
  await ask(session, { type: 'connect', ref: 1, version: protocolVersion, user: { id: user } })
  if (channels.length > 0 || dialect === 'bare') {
    await ask(session, { type: 'join', ref: 2, channels: channels.map((channel) => ({ channel })) })
  }
  return session
}

async function ask(session: RawSession, command: Command): Promise<void> {
  const answer = session.next()
  session.send(encodeCommands([command]))
  const text = (await answer).toString()
  if (text.includes('"error"')) throw new Error(`${command.type} was answered by ${text}`)
}

/** The server speaks first. It pings by `2`; what it says of rooms comes in packets `42`, and it acknowledges our packet number 0 by `430`. */
async function openSocketIo(
  port: number,
  rooms: readonly string[],
  onFrame: (frame: Buffer) => void,
): Promise<RawSession> {
  const target: Target = { port, path: '/socket.io/?EIO=4&transport=websocket' }
  const entered = Promise.withResolvers<void>()
  let awaited = '0'
  const session = await openRawSession(target, (frame, self) => {
    if (awaited === '') {
      if (frame.length === 1) self.send('3')
      else onFrame(frame)
      return
    }
    const text = frame.toString()
    if (!text.startsWith(awaited)) return entered.reject(new Error(`socket.io said ${text}`))
    if (awaited === '0') {
      awaited = '40'
      self.send('40')
    } else if (awaited === '40' && rooms.length > 0) {
      awaited = '430'
      self.send(`420${JSON.stringify(['join', rooms])}`)
    } else {
      awaited = ''
      entered.resolve()
    }
  })
  await entered.promise
  return session
}

/** Opens many, so many at a time. */
export async function openSessions(
  count: number,
  atOnce: number,
  open: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1
      await open(next)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
