import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type {
  Command,
  ConnectReply,
  JoinReply,
  PublishReply,
  Refusal,
  ServerMessage,
  User,
} from '../../src/protocol/index.ts'
import { until } from './until.ts'

export interface Close {
  readonly code: number
  readonly reason: string
}

type WithoutRef<C> = C extends { readonly ref: number } ? Omit<C, 'ref'> : never

/** A command whose ref the client chooses. */
export type Ask = WithoutRef<Command>

type Answer = { readonly ok?: unknown; readonly error?: Refusal }

export type EventMessage = Extract<ServerMessage, { type: 'event' }>

/** A client that speaks the protocol by hand: it does nothing by itself, and can do what no client should. */
export interface RawClient {
  readonly socket: WebSocket
  /** All messages in the order in which they came. */
  readonly messages: readonly ServerMessage[]
  /** Text of every frame. */
  readonly frames: readonly string[]
  readonly closed: Promise<Close>
  /** Set when it is closed. */
  readonly close: Close | undefined
  send(text: string | Buffer): void
  /** Sends a command and waits for its reply. */
  ask(command: Ask): Promise<Answer>
  connect(user?: User | { readonly token: string }): Promise<ConnectReply>
  join(channel: string, more?: object): Promise<JoinReply['channels'][number]>
  say(channel: string, text: string, id?: string): Promise<Said>
  /** Waits for a message. */
  find<Found extends ServerMessage>(
    is: (message: ServerMessage) => message is Found,
  ): Promise<Found>
  events(channel?: string): readonly EventMessage[]
  /** Ends the connection without a word. */
  drop(): void
}

export type Said = { readonly ok?: PublishReply; readonly error?: Refusal }

let ids = 0

/** Opens a connection; nothing is sent. */
export async function openRaw(
  url: string,
  headers: Record<string, string> = {},
): Promise<RawClient> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rusher`, { headers })
  const messages: ServerMessage[] = []
  const frames: string[] = []
  const waiting = new Map<number, (answer: Answer) => void>()
  const closing = Promise.withResolvers<Close>()
  let close: Close | undefined
  let ref = 0
  socket.on('message', (bytes: Buffer) => {
    const text = bytes.toString()
    frames.push(text)
    const parsed = JSON.parse(text) as ServerMessage | readonly ServerMessage[]
    for (const message of [parsed].flat() as ServerMessage[]) {
      messages.push(message)
      if (message.type === 'ping') socket.send('{"type":"pong"}')
      if (message.type !== 'reply') continue
      waiting.get(message.ref)?.(message)
      waiting.delete(message.ref)
    }
  })
  socket.on('close', (code, reason) => {
    close = { code, reason: reason.toString() }
    closing.resolve(close)
  })
  onTestFinished(() => socket.terminate())
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => undefined)

  function ask(command: Ask): Promise<Answer> {
    ref += 1
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    // Whoever does not wait for the reply does not care that it never comes.
    promise.catch(() => undefined)
    waiting.set(ref, resolve)
    socket.send(JSON.stringify({ ...command, ref }))
    void closing.promise.then(({ code, reason }) =>
      reject(new Error(`closed ${code} (${reason}) before the reply to ${command.type}`)),
    )
    return promise
  }

  async function demand(command: Ask): Promise<unknown> {
    const { ok, error } = await ask(command)
    if (error !== undefined) throw new Error(`${command.type}: ${error.code} ${error.message}`)
    return ok
  }

  return {
    socket,
    messages,
    frames,
    closed: closing.promise,
    get close() {
      return close
    },
    send: (text) => socket.send(text),
    ask,
    async connect(as = { id: 'ada' }) {
      const identity = 'token' in as ? as : { user: as }
      return (await demand({ type: 'connect', version: 1, ...identity })) as ConnectReply
    },
    async join(channel, more = {}) {
      const reply = await demand({ type: 'join', channels: [{ channel, ...more }] })
      const [joined] = (reply as JoinReply).channels
      if (joined === undefined) throw new Error('a join was answered without a channel')
      return joined
    },
    async say(channel, text, id) {
      ids += 1
      const body = { kind: 'say', text }
      return (await ask({ type: 'publish', channel, id: id ?? `id-${ids}`, body })) as Said
    },
    async find(is) {
      let found: ReturnType<typeof messages.find>
      await until('a message', () => {
        found = messages.find(is)
        return found !== undefined
      })
      if (found === undefined || !is(found)) throw new Error('a message was found and lost')
      return found
    },
    events: (channel) =>
      messages.filter(
        (message): message is EventMessage =>
          message.type === 'event' && (channel === undefined || message.channel === channel),
      ),
    drop: () => socket.terminate(),
  }
}

/** Opens a connection and connects as a user. */
export async function connectRaw(url: string, user: User = { id: 'ada' }): Promise<RawClient> {
  const client = await openRaw(url)
  await client.connect(user)
  return client
}

/** The position of a join that must have worked. */
export function joinedAt(
  joined: JoinReply['channels'][number],
): Extract<typeof joined, { recovered: boolean }> {
  if ('error' in joined) throw new Error(`${joined.channel}: ${joined.error.code}`)
  return joined
}
