import { Socket, type SocketConstructorOpts } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Stage } from '../ledger/ledger.ts'
import type { Destination, Source } from './endpoints.ts'

/** One connection attempt, and then one connection. There are very many: no closure, timer or listener belongs to it alone. */
export class Connection {
  stage: Stage = 'socket'
  /** When it came to this stage. */
  stageMs: number
  /** The second of the worker's clock in which something was last heard from it, once it is ready. */
  seenS = 0
  /** Where it stands in the lists of the pool, and of those that are ready; -1: not there. */
  poolPlace = -1
  readyPlace = -1
  socket: LinkedSocket | undefined
  /** What it was bound to; nothing: the kernel chose. */
  source: Source | undefined
  /** Bytes of a head that is not whole yet. */
  held: Buffer | undefined
  /** Frames of a message that is not whole yet, and what kind of message it is. */
  fragments: Buffer[] | undefined
  fragmentsOpcode = 0
  /** How far the dialect has come with it. */
  step = 0
  /** It was asked for a sign of life. */
  asked = false
  /** It does not read for now, as the scenario wants it. */
  slow = false
  /** When its predecessor was dropped, for one that returns. */
  droppedMs: number | undefined
  /** How long the server wants its session to wait, where it was refused with that. */
  retryAfterMs: number | undefined

  readonly session: number
  readonly intendedMs: number
  readonly destination: Destination

  constructor(session: number, intendedMs: number, destination: Destination, nowMs: number) {
    this.session = session
    this.intendedMs = intendedMs
    this.destination = destination
    this.stageMs = nowMs
  }
}

/** A socket that knows its connection, so that all sockets share their handlers. */
export type LinkedSocket = Socket & { readonly connection: Connection }

/** Handlers that all sockets share; `this` is the socket. */
export interface SocketHandlers {
  /** TCP is connected. */
  connect(this: LinkedSocket): void
  /** Bytes can be sent: TCP is connected, and for `wss://` the TLS handshake is over. */
  open(this: LinkedSocket): void
  error(this: LinkedSocket, error: NodeJS.ErrnoException): void
  close(this: LinkedSocket): void
  read(this: LinkedSocket, count: number, buffer: Uint8Array): boolean
}

class TcpSocket extends Socket {
  readonly connection: Connection

  constructor(options: SocketConstructorOpts, connection: Connection) {
    super(options)
    this.connection = connection
  }
}

/** Connects to the destination of a connection. All sockets share `buffer` for their reads. */
export function dial(
  connection: Connection,
  { connect, open, error, close, read }: SocketHandlers,
  buffer: Uint8Array,
): LinkedSocket {
  const { host, port, tls } = connection.destination
  const to = { host, port, ...connection.source }
  // The types of Node know `onread` of neither; `this` of its callback is the socket.
  const options = { onread: { buffer, callback: read }, noDelay: true } as object
  if (tls === undefined) {
    const socket = new TcpSocket(options, connection)
    socket.on('connect', connect).on('connect', open).on('error', error).on('close', close)
    return socket.connect(to)
  }
  const socket = Object.assign(connectTls({ ...options, ...tls, ...to }), { connection })
  socket.on('connect', connect).on('secureConnect', open).on('error', error).on('close', close)
  return socket
}

/** Ends a socket with a reset, so that nothing waits in TIME_WAIT. TLS has no such end in Node. */
export function reset(socket: LinkedSocket): void {
  if (socket instanceof TcpSocket) socket.resetAndDestroy()
  else socket.destroy()
}
