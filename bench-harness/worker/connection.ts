import { Socket, type SocketConstructorOpts } from 'node:net'
import type { Stage } from '../ledger/ledger.ts'
import type { UpgradeRequest } from '../wire/upgrade.ts'
import type { Source } from './source-ports.ts'

/** One address of the server, and the request that is sent there. */
export interface Destination {
  readonly host: string
  readonly port: number
  readonly request: UpgradeRequest
}

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
export class LinkedSocket extends Socket {
  readonly connection: Connection

  constructor(options: SocketConstructorOpts, connection: Connection) {
    super(options)
    this.connection = connection
  }
}
