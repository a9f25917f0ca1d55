import {
  connectPath,
  earlyProtocols,
  encodeCommands,
  protocolVersion,
} from '../../src/protocol/index.ts'
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
 * Opens a session and joins channels in the round trip of the upgrade, which the frame of `connect` and the join comes with. Its pings are answered;
 * everything else that comes goes to `onFrame`.
 */
export async function openJoined(
  { port, host, user, channels }: Entry,
  onFrame: (frame: Buffer) => void,
): Promise<RawSession> {
  const entered = Promise.withResolvers<void>()
  let missing = channels.length === 0 ? 1 : 2
  const connect = { type: 'connect', ref: 1, version: protocolVersion, user: { id: user } } as const
  const joins = channels.map((channel) => ({ channel }))
  const join = { type: 'join', ref: 2, channels: joins } as const
  const protocols = earlyProtocols(
    encodeCommands(channels.length === 0 ? [connect] : [connect, join]),
  )
  if (protocols === undefined) throw new Error(`${channels.length} channels are too many`)
  const target = { port, host, path: connectPath, protocols }
  const session = await openRawSession(target, (frame, self) => {
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
  await entered.promise
  return session
}
