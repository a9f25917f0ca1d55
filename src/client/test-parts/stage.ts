import type { Refusal } from '../../protocol/errors.ts'
import { defaultLimits } from '../../protocol/limits.ts'
import type {
  Command,
  ConnectReply,
  JoinedChannel,
  Json,
  LoggedEvent,
} from '../../protocol/message.ts'
import type { Client, ConnectOptions } from '../client.ts'
import { connect } from '../connect.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { FakeNetwork, type FakeSocket } from './fake-socket.ts'

export const welcome: ConnectReply = {
  session: 's1',
  version: 1,
  user: { id: 'ada' },
  server: { name: 'fake', version: '0' },
  durability: 'disk',
  limits: defaultLimits,
}

export interface Stage {
  readonly client: Client
  readonly clock: FakeClock
  readonly network: FakeNetwork
  /** The newest socket. */
  readonly socket: FakeSocket
}

/** A client, a clock and the other end of its sockets, which the test plays. Ids are m1, m2, ...; chance is a half. */
export function stage(options: ConnectOptions = {}): Stage {
  const clock = new FakeClock()
  const network = new FakeNetwork()
  let ids = 0
  const makeId = () => {
    ids += 1
    return `m${ids}`
  }
  const random = () => 0.5
  const client = connect('http://example.test', {
    ...{ clock, random, makeId, webSocket: network.webSocket, user: { id: 'ada' } },
    ...options,
  })
  return {
    client,
    clock,
    network,
    get socket() {
      return network.last
    },
  }
}

/** Opens the newest socket and admits its session. */
export async function admit(at: Stage, reply: Partial<ConnectReply> = {}): Promise<FakeSocket> {
  await settle()
  const { socket } = at
  socket.open()
  await settle()
  ok(socket, lastRef(socket, 'connect'), { ...welcome, ...reply })
  await settle()
  return socket
}

/** Answers the newest join: every channel at `head` unless it is told otherwise. */
export async function answerJoin(
  socket: FakeSocket,
  head = 0,
  told: Partial<Extract<JoinedChannel, { recovered: boolean }>> = {},
): Promise<void> {
  await settle()
  const join = socket.sent('join').at(-1)
  if (join === undefined) throw new Error('nothing was joined')
  const channels = join.channels.map(({ channel, since }) => ({
    channel,
    position: { epoch: 'e', offset: head },
    recovered: since !== undefined,
    ...told,
  }))
  ok(socket, join.ref, { channels })
  await settle()
}

export function ok(socket: FakeSocket, ref: number, value: object): void {
  socket.say({ type: 'reply', ref, ok: value })
}

export function refuseWith(socket: FakeSocket, ref: number, error: Refusal): void {
  socket.say({ type: 'reply', ref, error })
}

export function lastRef(socket: FakeSocket, type: Exclude<Command['type'], 'pong'>): number {
  const command = socket.sent(type).at(-1)
  if (command?.ref === undefined) throw new Error(`no ${type} was sent`)
  return command.ref
}

export function logged(
  offset: number,
  more: { id?: string; body?: Json; user?: string; channel?: string } = {},
): LoggedEvent {
  return {
    type: 'event',
    channel: more.channel ?? 'chat:a',
    offset,
    at: 0,
    user: { id: more.user ?? 'bob' },
    body: more.body ?? offset,
    ...(more.id !== undefined && { id: more.id }),
  }
}
