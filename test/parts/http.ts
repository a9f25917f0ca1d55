import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A bare TCP connection to a server, and what came back over it. */
export interface Wire {
  readonly socket: Socket
  text(): string
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>
}

/** Connects and sends nothing. */
export function openWire(port: number): Wire {
  const socket = connect(port, '127.0.0.1')
  const received: Buffer[] = []
  socket.on('data', (bytes: Buffer) => void received.push(bytes))
  // A reset is one of the ways in which a server ends a connection.
  socket.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => {
    socket.on('close', () => resolve())
  })
  onTestFinished(() => void socket.destroy())
  return { socket, ended, text: () => Buffer.concat(received).toString('latin1') }
}

/** The request that opens a WebSocket; `headers` are added, and replace those of the same name. */
export function upgradeRequest(
  port: number,
  headers: Readonly<Record<string, string>> = {},
  path = '/rusher',
): string {
  const all = {
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/** The status that the server answers an upgrade with. */
export async function upgradeStatus(
  port: number,
  headers: Readonly<Record<string, string>> = {},
  path?: string,
): Promise<number> {
  const wire = openWire(port)
  const answered = new Promise<void>((resolve) => wire.socket.once('data', () => resolve()))
  wire.socket.write(upgradeRequest(port, headers, path))
  await Promise.race([answered, wire.ended])
  wire.socket.destroy()
  return statusIn(wire.text())
}

/** The status of a response; 0 when there is none. */
export function statusIn(response: string): number {
  return Number(/^HTTP\/1\.1 (\d+)/.exec(response)?.[1] ?? 0)
}
