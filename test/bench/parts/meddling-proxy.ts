import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'

/**
 * A TCP proxy before a WebSocket server that begins to meddle when it is told to. What connects
 * later is left alone.
 */
export interface MeddlingProxy {
  readonly port: number
  /**
   * From now on the connections that there are carry nothing, in either direction, and stay open.
   */
  freeze(): void
  /** Resets the connections that there are, and refuses all that come. */
  die(): void
  /** From now on what the server says comes so many milliseconds late. */
  delay(ms: number): void
  /** From now on every `nth` text message that the server says on a connection is left out. */
  leaveOut(nth: number): void
  close(): Promise<void>
}

interface Pair {
  readonly client: net.Socket
  readonly server: net.Socket
  /** What the server says goes through it. */
  carry: (bytes: Buffer) => void
}

export async function meddlingProxy(targetPort: number): Promise<MeddlingProxy> {
  const pairs = new Set<Pair>()
  let isDead = false
  const listener = net.createServer({ noDelay: true }, (client) => {
    if (isDead) return void client.resetAndDestroy()
    const server = net.connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    const frames = createFrameCutter()
    const pair: Pair = { client, server, carry: (bytes) => void client.write(bytes) }
    pairs.add(pair)
    client.on('data', (bytes) => void server.write(bytes))
    server.on('data', (bytes) => {
      for (const part of frames(bytes)) pair.carry(part)
    })
    for (const socket of [client, server]) {
      // However one side ends, the other ends too.
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        pairs.delete(pair)
        client.destroy()
        server.destroy()
      })
    }
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    port: (listener.address() as AddressInfo).port,
    freeze() {
      for (const { client, server } of pairs) {
        client.pause()
        server.pause()
      }
    },
    die() {
      isDead = true
      for (const { client } of pairs) client.resetAndDestroy()
    },
    delay(ms) {
      for (const pair of pairs)
        pair.carry = (bytes) => void setTimeout(() => pair.client.write(bytes), ms)
    },
    leaveOut(nth) {
      for (const pair of pairs) {
        let texts = 0
        pair.carry = (bytes) => {
          const isText = ((bytes[0] ?? 0) & 0x0f) === 1
          if (isText) texts += 1
          if (!isText || texts % nth !== 0) pair.client.write(bytes)
        }
      }
    },
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
        for (const { client } of pairs) client.destroy()
      }),
  }
}

/** Cuts what a server says into the answer to the upgrade, and then into frames, each whole. */
function createFrameCutter(): (bytes: Buffer) => readonly Buffer[] {
  let held = Buffer.alloc(0)
  let isUpgraded = false
  return (bytes) => {
    held = Buffer.concat([held, bytes])
    const parts: Buffer[] = []
    for (;;) {
      const length = isUpgraded ? frameLength(held) : headLength(held)
      if (length === undefined || held.length < length) return parts
      isUpgraded = true
      parts.push(held.subarray(0, length))
      held = held.subarray(length)
    }
  }
}

function headLength(bytes: Buffer): number | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  return end < 0 ? undefined : end + 4
}

/** Servers do not mask (RFC 6455, section 5.1). */
function frameLength(bytes: Buffer): number | undefined {
  const short = (bytes[1] ?? 0) & 0x7f
  const head = short === 127 ? 10 : short === 126 ? 4 : 2
  if (bytes.length < head) return undefined
  if (short === 127) return head + Number(bytes.readBigUInt64BE(2))
  return head + (short === 126 ? bytes.readUInt16BE(2) : short)
}
