import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import net from 'node:net'
import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type WebSocket, WebSocketServer } from 'ws'

/** A server that does one thing wrong, or one rare thing right, on a port of 127.0.0.1. */
export interface HostileServer {
  readonly port: number
  readonly counts: HostileCounts
  /** Drops every connection, and waits until the port is free. */
  close(): Promise<void>
}

/** What the server did so far. */
export interface HostileCounts {
  /** Sockets that it took from the kernel. */
  readonly accepted: number
  /** Upgrades that it answered with 101. */
  readonly upgraded: number
  /** Upgrades that it answered otherwise. */
  readonly refused: number
  readonly heard: number
  readonly sent: number
}

type Counting = { -readonly [name in keyof HostileCounts]: number }

const none = (): Counting => ({ accepted: 0, upgraded: 0, refused: 0, heard: 0, sent: 0 })

// --- what never comes as far as a WebSocket ---

/**
 * Listens and never accepts: the kernel completes TCP handshakes, as far as the backlog holds, and no program ever sees them. Linux cuts the
 * backlog to net.core.somaxconn. Its counts stay 0, since nothing reaches it.
 */
export function neverAccepting(backlog: number): Promise<HostileServer> {
  return startChild('never-accepting-child.ts', [String(backlog)])
}

/** Accepts, reads, and never answers. */
export function neverUpgrading(): Promise<HostileServer> {
  return onSockets((socket) => socket.resume())
}

/** Resets each connection as soon as its request has begun to come. */
export function resettingBeforeUpgrade(): Promise<HostileServer> {
  return onSockets((socket) => socket.once('data', () => socket.resetAndDestroy()))
}

/** Answers every `nth` upgrade with 503 and `Retry-After`, and echoes for the others. */
export function refusingEvery(nth: number): Promise<HostileServer> {
  let asked = 0
  return onWebSockets(echo, () => {
    asked += 1
    return asked % nth !== 0
  })
}

// --- what is wrong with the upgrade ---

/** Agrees to the upgrade with the accept key of another request. */
export function wronglyAccepting(): Promise<HostileServer> {
  return onUpgrades((socket, _key, counts) => {
    counts.upgraded += 1
    socket.write(answerTo('of another request'))
  })
}

/** Agrees to the upgrade, and resets the connection. */
export function resettingAfterUpgrade(): Promise<HostileServer> {
  return onUpgrades((socket, key, counts) => {
    counts.upgraded += 1
    // A reset discards what is not sent yet: first the answer has to be out.
    socket.write(answerTo(key), () => socket.resetAndDestroy())
  })
}

/** Answers the upgrade a byte at a time, which is allowed, and then says `text`. */
export function drippingUpgrade(text: string): Promise<HostileServer> {
  return onUpgrades((socket, key, counts) => {
    const bytes = Buffer.concat([Buffer.from(answerTo(key)), textFrame(text)])
    let at = 0
    const drip = (): void => {
      if (socket.destroyed) return
      if (at === bytes.length) {
        counts.upgraded += 1
        counts.sent += 1
        return
      }
      socket.write(bytes.subarray(at, at + 1))
      at += 1
      setImmediate(drip)
    }
    drip()
  })
}

/** Agrees to the upgrade and says `text` in the same packet, which is allowed. */
export function upgradingWithFirstFrame(text: string): Promise<HostileServer> {
  return sendingBytes(textFrame(text))
}

// --- what is wrong after it ---

/** Agrees to the upgrade, reads, and never says a word. */
export function neverSpeaking(): Promise<HostileServer> {
  return onWebSockets((ws, counts) => {
    ws.on('message', () => {
      counts.heard += 1
    })
  })
}

/** Closes each connection with a code, that long after its upgrade. */
export function closingAfter(code: number, afterMs: number): Promise<HostileServer> {
  return onWebSockets((ws, counts) => {
    echo(ws, counts)
    const timer = setTimeout(() => ws.close(code), afterMs)
    ws.on('close', () => clearTimeout(timer))
  })
}

/** Agrees to the upgrade and sends these bytes with the answer; then it reads, and says nothing. */
export function sendingBytes(bytes: Buffer): Promise<HostileServer> {
  return onUpgrades((socket, key, counts) => {
    counts.upgraded += 1
    counts.sent += 1
    socket.write(Buffer.concat([Buffer.from(answerTo(key)), bytes]))
  })
}

/** Frames that no server may send (RFC 6455, sections 5.2 to 5.5, 7.4 and 8.1). */
export const forbiddenFrames: Readonly<Record<string, Buffer>> = {
  'a reserved bit': Buffer.of(0xc1, 2, 0x68, 0x69),
  'an unknown opcode': Buffer.of(0x83, 2, 0x68, 0x69),
  'a masked frame': Buffer.of(0x81, 0x82, 1, 2, 3, 4, 0x68 ^ 1, 0x69 ^ 2),
  'a length of an exbibyte': Buffer.of(0x82, 127, 0x10, 0, 0, 0, 0, 0, 0, 0),
  'a length above 2^63': Buffer.of(0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  'a ping in fragments': Buffer.of(0x09, 1, 0x61, 0x80, 1, 0x62),
  'a ping that is too long': Buffer.concat([Buffer.of(0x89, 126, 0, 126), Buffer.alloc(126)]),
  'a continuation of nothing': Buffer.of(0x80, 2, 0x68, 0x69),
  'a new message inside another': Buffer.of(0x01, 1, 0x61, 0x81, 1, 0x62),
}

/** A text in three frames with a ping between them, which is allowed. */
export const fragmentedText: Buffer = Buffer.of(
  0x01,
  1,
  0x61,
  0x89,
  0,
  0x00,
  1,
  0x62,
  0x80,
  1,
  0x63,
)

// --- what is wrong with an echo ---

/** Echoes, but stands still for `stallMs` out of every `everyMs`: its whole process does, as when it collects garbage. */
export function stallingEcho(stallMs: number, everyMs: number): Promise<HostileServer> {
  return startChild('stalling-echo-child.ts', [String(stallMs), String(everyMs)])
}

/** Echoes, but not every `nth` message. */
export function losingEcho(nth: number): Promise<HostileServer> {
  return onEvery(nth, () => 0)
}

/** Echoes, and every `nth` message twice. */
export function doublingEcho(nth: number): Promise<HostileServer> {
  return onEvery(nth, () => 2)
}

/** Echoes, but every `nth` message of a connection only after the one that follows it. */
export function reorderingEcho(nth: number): Promise<HostileServer> {
  return onWebSockets((ws, counts) => {
    let heard = 0
    let held: string | undefined
    ws.on('message', (bytes) => {
      counts.heard += 1
      heard += 1
      if (heard % nth === 0 && held === undefined) {
        held = String(bytes)
        return
      }
      say(ws, counts, String(bytes))
      if (held !== undefined) say(ws, counts, held)
      held = undefined
    })
  })
}

function onEvery(nth: number, times: () => number): Promise<HostileServer> {
  let heard = 0
  return onWebSockets((ws, counts) => {
    ws.on('message', (bytes) => {
      counts.heard += 1
      heard += 1
      const left = heard % nth === 0 ? times() : 1
      for (let no = 0; no < left; no += 1) say(ws, counts, String(bytes))
    })
  })
}

// --- how they are made ---

function echo(ws: WebSocket, counts: Counting): void {
  ws.on('message', (bytes) => {
    counts.heard += 1
    say(ws, counts, String(bytes))
  })
}

function say(ws: WebSocket, counts: Counting, text: string): void {
  counts.sent += 1
  ws.send(text)
}

/** Raw sockets. */
function onSockets(
  accepted: (socket: net.Socket, counts: Counting) => void,
): Promise<HostileServer> {
  const counts = none()
  const server = net.createServer({ noDelay: true }, (socket) => {
    counts.accepted += 1
    // That a client goes away in any way is what these servers are for.
    socket.on('error', () => socket.destroy())
    accepted(socket, counts)
  })
  return listening(server, counts)
}

/** Raw sockets, once the request for an upgrade has come whole. */
function onUpgrades(
  asked: (socket: net.Socket, key: string, counts: Counting) => void,
): Promise<HostileServer> {
  return onSockets((socket, counts) => {
    let head = ''
    socket.on('data', (bytes) => {
      if (head.includes('\r\n\r\n')) {
        counts.heard += 1
        // The pings of these clients are empty.
        if (bytes[0] === 0x89) socket.write(Buffer.of(0x8a, 0))
        return
      }
      head += bytes.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      asked(socket, /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? '', counts)
    })
  })
}

/** Well-behaved WebSockets, but for what `opened` does with them. */
function onWebSockets(
  opened: (ws: WebSocket, counts: Counting) => void,
  admits: (request: IncomingMessage) => boolean = () => true,
): Promise<HostileServer> {
  const counts = none()
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const server = createServer()
  server.on('connection', () => {
    counts.accepted += 1
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!admits(request)) {
      counts.refused += 1
      socket.on('error', () => socket.destroy())
      socket.end(
        'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      )
      return
    }
    webSockets.handleUpgrade(request, socket, head, (ws) => {
      counts.upgraded += 1
      ws.on('error', () => ws.terminate())
      opened(ws, counts)
    })
  })
  return listening(server, counts)
}

async function listening(server: net.Server, counts: Counting): Promise<HostileServer> {
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function answerTo(key: string): string {
  const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
  const accept = createHash('sha1').update(`${key}${guid}`).digest('base64')
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
}

/** A text of less than 126 bytes as one frame of a server. */
function textFrame(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length > 125) throw new Error('only short texts are sent by hostile servers')
  return Buffer.concat([Buffer.of(0x81, bytes.length), bytes])
}

/** A child's first line is its port, the later ones its counts. It ends when its standard input does, whatever becomes of this process. */
async function startChild(file: string, args: readonly string[]): Promise<HostileServer> {
  const path = fileURLToPath(new URL(`./${file}`, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const counts = none()
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${file} ended before it listened`)))
    const lines = createInterface({ input: child.stdout })
    lines.once('line', (line) => resolve(Number(line)))
    lines.on('line', (line) => {
      if (line.startsWith('{')) Object.assign(counts, JSON.parse(line))
    })
  })
  return { port, counts, close: () => ended(child) }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
