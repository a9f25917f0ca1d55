import { connectPath, encodeCommands, protocolVersion } from '../../src/protocol/index.ts'
import { countIn, openRawSession, type RawSession } from '../quick/raw-session.ts'

export interface Entry {
  readonly port: number
  readonly host: string
  readonly user: string
  readonly channels: readonly string[]
}

const reply = Buffer.from('"type":"reply"')
const error = Buffer.from('"error"')
const ping = Buffer.from('"type":"ping"')
/** A frame below this with a ping in it has nothing else. */
const pingBytesMax = 128

/**
 * Opens a session and joins channels in one round trip after the upgrade: the join stands behind `connect` in the same frame. Its pings are answered;
 * everything else that comes goes to `onFrame`.
 */
export async function openJoined(
  { port, host, user, channels }: Entry,
  onFrame: (frame: Buffer) => void,
): Promise<RawSession> {
  const entered = Promise.withResolvers<void>()
  let missing = channels.length === 0 ? 1 : 2
  const session = await openRawSession({ port, host, path: connectPath }, (frame, self) => {
    if (missing > 0) {
      if (frame.includes(error)) entered.reject(new Error(`${user} was refused: ${frame}`))
      missing -= countIn(frame, reply)
      if (missing === 0) entered.resolve()
      return
    }
    // A ping comes alone, or in one frame with what else the turn had.
    const isAsked = frame.includes(ping)
    if (isAsked) self.send('{"type":"pong"}')
    if (!isAsked || frame.length >= pingBytesMax) onFrame(frame)
  })
  const connect = { type: 'connect', ref: 1, version: protocolVersion, user: { id: user } } as const
  const joins = channels.map((channel) => ({ channel }))
  const join = { type: 'join', ref: 2, channels: joins } as const
  session.send(encodeCommands(channels.length === 0 ? [connect] : [connect, join]))
  await entered.promise
  return session
}
