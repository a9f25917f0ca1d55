import { connect, type Socket } from 'node:net'

/** A WebSocket client by hand: it costs the machine that it shares with the server little. */
export interface RawSession {
  send(text: string): void
  /** Resolves with the next frame, which then does not go to `onFrame`. */
  next(): Promise<Buffer>
  /** Reads nothing more. */
  pause(): void
  /** Ends it by RST, so that no port waits behind it. */
  reset(): void
}

export interface Target {
  readonly port: number
  readonly path: string
  /** Absent: 127.0.0.1. */
  readonly host?: string
  /** Subprotocols that the upgrade offers. */
  readonly protocols?: readonly string[]
}

const loopback = '127.0.0.1'
const headEnd = '\r\n\r\n'

/** What any socket reads into. Its bytes are taken before the next socket reads. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * Upgrades a connection; frames go to `onFrame` with the session, so that sessions can share it. A frame is a view on what the next read
 * overwrites.
 */
export function openRawSession(
  target: Target,
  onFrame: (frame: Buffer, session: RawSession) => void,
): Promise<RawSession> {
  return new Promise((resolve, reject) => {
    const onread = { buffer: readBuffer, callback: take }
    const { port, host = loopback } = target
    const socket = connect({ port, host, noDelay: true, onread })
    const session = createSession(socket, onFrame)
    const read = createFrameReader((frame) => session.take(frame))
    let head: string | undefined = ''
    socket.once('connect', () => socket.write(upgradeText(target)))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the server closed the connection')))

    function take(count: number): boolean {
      const bytes = readBuffer.subarray(0, count)
      if (head === undefined) {
        read(bytes)
        return true
      }
      head += bytes.toString('latin1')
      const end = head.indexOf(headEnd)
      if (end === -1) return true
      if (!head.startsWith('HTTP/1.1 101')) {
        reject(new Error(head))
        return false
      }
      resolve(session)
      const rest = Buffer.from(head.slice(end + headEnd.length), 'latin1')
      head = undefined
      read(rest)
      return true
    }
  })
}

function upgradeText({ port, path, host = loopback, protocols }: Target): string {
  const offered =
    protocols === undefined ? '' : `Sec-WebSocket-Protocol: ${protocols.join(', ')}\r\n`
  // The example key of RFC 6455: nothing between us caches, which is all that a key guards against.
  return `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${offered}\r\n`
}

function createSession(
  socket: Socket,
  onFrame: (frame: Buffer, session: RawSession) => void,
): RawSession & { take(frame: Buffer): void } {
  let waiter: ((frame: Buffer) => void) | undefined
  const session = {
    send: (text: string) => void socket.write(encodeTextFrame(text)),
    next: () =>
      new Promise<Buffer>((resolve) => {
        waiter = resolve
      }),
    pause: () => void socket.pause(),
    reset: () => void socket.resetAndDestroy(),
    take(frame: Buffer) {
      const taker = waiter
      waiter = undefined
      if (taker === undefined) onFrame(frame, session)
      else taker(Buffer.from(frame))
    },
  }
  return session
}

/** One masked text frame. The mask is zero, which a server has to undo like any other and a client has not to compute. */
function encodeTextFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const headBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.alloc(headBytes + 4 + length)
  frame[0] = 0x81
  if (headBytes === 2) frame[1] = 0x80 | length
  else if (headBytes === 4) {
    frame[1] = 0x80 | 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 0x80 | 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, headBytes + 4)
  return frame
}

/** Cuts the bytes of a server into the payloads of its frames, which are not masked. */
function createFrameReader(take: (payload: Buffer) => void): (bytes: Buffer) => void {
  let held: Buffer | undefined
  return (bytes) => {
    let left = held === undefined ? bytes : Buffer.concat([held, bytes])
    held = undefined
    while (left.length > 0) {
      const head = headOf(left)
      if (head === undefined || left.length < head.bytes + head.payload) {
        held = Buffer.from(left)
        return
      }
      const end = head.bytes + head.payload
      take(left.subarray(head.bytes, end))
      left = left.subarray(end)
    }
  }
}

function headOf(bytes: Buffer): { bytes: number; payload: number } | undefined {
  const short = bytes[1]
  if (short === undefined) return undefined
  if (short < 126) return { bytes: 2, payload: short }
  if (short === 126)
    return bytes.length < 4 ? undefined : { bytes: 4, payload: bytes.readUInt16BE(2) }
  return bytes.length < 10 ? undefined : { bytes: 10, payload: Number(bytes.readBigUInt64BE(2)) }
}

/** How often a text stands in a frame. */
export function countIn(frame: Buffer, text: Buffer): number {
  let count = 0
  for (let at = frame.indexOf(text); at !== -1; at = frame.indexOf(text, at + text.length))
    count += 1
  return count
}
