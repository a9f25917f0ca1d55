import { type ErrorCode, refuse } from '../../protocol/errors.ts'
import type {
  Command,
  JoinedChannel,
  LoggedEvent,
  PublishCommand,
  ServerMessage,
} from '../../protocol/message.ts'
import { resume } from '../../protocol/position.ts'
import type { FakeNetwork, FakeSocket } from './fake-socket.ts'
import { welcome } from './stage.ts'

interface Peer {
  readonly socket: FakeSocket
  readonly heard: Command[]
  readonly toSay: ServerMessage[]
  readonly joined: Set<string>
}

interface Log {
  begin: number
  readonly events: LoggedEvent[]
}

/** A server with a log for each channel, whose connections are as bad as chance has it. */
export class FakeServer {
  readonly #random: () => number
  readonly #refusesMembers: boolean
  readonly #logs = new Map<string, Log>()
  readonly #epoch = 'e'
  #peers: Peer[] = []
  /** Everything goes well from here on. */
  healed = false

  /** `refusesMembers`: joins and leaves are refused or not answered, too. */
  constructor(
    network: FakeNetwork,
    random: () => number,
    { refusesMembers = false }: { refusesMembers?: boolean } = {},
  ) {
    this.#random = random
    this.#refusesMembers = refusesMembers
    network.opened = (socket) => {
      const peer: Peer = { socket, heard: [], toSay: [], joined: new Set() }
      socket.heard = (commands) => peer.heard.push(...commands)
      this.#peers.push(peer)
    }
  }

  /** What was stored, from the beginning. */
  events(channel: string): readonly LoggedEvent[] {
    return this.#log(channel).events
  }

  begin(channel: string): number {
    return this.#log(channel).begin
  }

  /** Channels that some session on a living connection is in. */
  joined(): readonly string[] {
    const peers = this.#peers.filter(({ socket }) => socket.readyState === 1)
    return [...new Set(peers.flatMap(({ joined }) => [...joined]))].toSorted()
  }

  /** Does one thing that could happen next. */
  step(): void {
    this.#peers = this.#peers.filter((peer) => peer.socket.readyState !== 3)
    for (const peer of this.#peers) {
      if (peer.socket.readyState === 0) {
        if (this.#bad(0.1)) peer.socket.drop()
        else peer.socket.open()
        return
      }
    }
    const peer = this.#peers[Math.floor(this.#random() * this.#peers.length)]
    if (peer === undefined) return
    const trouble = this.healed ? 1 : this.#random()
    if (trouble < 0.01) peer.socket.drop()
    else if (trouble < 0.02) peer.socket.drop(4000)
    else if (trouble < 0.04) {
      peer.toSay.push({ type: 'drain', afterMs: this.#random() * 500, reason: 'SERVER_RESTART' })
    } else if (this.#random() < 0.5) this.#hear(peer)
    else this.#say(peer)
  }

  /** Another user's publish. */
  publishAs(user: string, channel: string, body: number): void {
    this.#append(channel, { user, body })
  }

  trim(channel: string, keep: number): void {
    const log = this.#log(channel)
    log.begin = Math.max(log.begin, log.events.length - keep + 1)
  }

  #bad(chance: number): boolean {
    return !this.healed && this.#random() < chance
  }

  #say(peer: Peer): void {
    const frame = peer.toSay.splice(0, 1 + Math.floor(this.#random() * 5))
    // A hole, as a lossy way between nodes makes it.
    if (this.#bad(0.01) && frame[0]?.type === 'event') frame.shift()
    if (frame.length > 0) peer.socket.say(...frame)
  }

  #hear(peer: Peer): void {
    const command = peer.heard.shift()
    if (command === undefined) return
    switch (command.type) {
      case 'connect':
        peer.toSay.push({ type: 'reply', ref: command.ref, ok: welcome })
        return
      case 'join': {
        if (this.#refuseMember(peer, command.ref)) return
        const replays: LoggedEvent[] = []
        const channels = command.channels.map((ask): JoinedChannel => {
          const { begin, events } = this.#log(ask.channel)
          const position = { epoch: this.#epoch, offset: events.length }
          if (peer.joined.has(ask.channel)) {
            return { channel: ask.channel, error: refuse('BAD_COMMAND', 'already in') }
          }
          peer.joined.add(ask.channel)
          if (ask.since === undefined) return { channel: ask.channel, position, recovered: false }
          const { after, gap } = resume(ask.since, {
            ...{ epoch: this.#epoch, begin, head: events.length },
          })
          replays.push(...events.slice(after))
          const recovered = gap === undefined
          return { channel: ask.channel, position, recovered, ...(gap && { gap }) }
        })
        if (this.#isUnanswered()) return
        peer.toSay.push({ type: 'reply', ref: command.ref, ok: { channels } }, ...replays)
        return
      }
      case 'leave':
        if (this.#refuseMember(peer, command.ref)) return
        for (const channel of command.channels) peer.joined.delete(channel)
        if (this.#isUnanswered()) return
        peer.toSay.push({ type: 'reply', ref: command.ref, ok: { channels: command.channels } })
        return
      case 'publish':
        this.#publish(peer, command)
        return
      case 'ping':
        peer.toSay.push({ type: 'reply', ref: command.ref, ok: {} })
        return
      default:
        return
    }
  }

  #refuseMember(peer: Peer, ref: number): boolean {
    if (!this.#refusesMembers || !this.#bad(0.2)) return false
    const codes = ['BUSY', 'RATE_LIMITED', 'INTERNAL'] as const
    const code = codes[Math.floor(this.#random() * codes.length)] ?? 'BUSY'
    peer.toSay.push({ type: 'reply', ref, error: refuse(code, undefined, this.#random() * 300) })
    return true
  }

  #isUnanswered(): boolean {
    return this.#refusesMembers && this.#bad(0.05)
  }

  #publish(peer: Peer, { ref, channel, id, body }: PublishCommand): void {
    const before = ['BUSY', 'RATE_LIMITED', 'STORAGE_FULL'] as const
    if (this.#bad(0.15)) {
      const code: ErrorCode = before[Math.floor(this.#random() * before.length)] ?? 'BUSY'
      const error = refuse(code, undefined, Math.floor(this.#random() * 300))
      peer.toSay.push({ type: 'reply', ref, error })
      return
    }
    const known = this.#log(channel).events.find((event) => event.id === id)
    const event = known ?? this.#append(channel, { user: welcome.user.id, body: Number(body), id })
    if (this.#bad(0.05)) peer.socket.drop()
    else if (this.#bad(0.1)) {
      peer.toSay.push({ type: 'reply', ref, error: refuse('OUTCOME_UNKNOWN') })
    } else if (!this.#bad(0.03)) {
      const position = { epoch: this.#epoch, offset: event.offset }
      const ok = { position, durability: 'disk', ...(known && { duplicate: true }) }
      const reply = { type: 'reply', ref, ok } as const
      // The reply and the event go different ways; either can be first.
      if (this.#bad(0.5)) peer.toSay.unshift(reply)
      else peer.toSay.push(reply)
    }
  }

  #append(
    channel: string,
    { user, body, id }: { user: string; body: number; id?: string },
  ): LoggedEvent {
    const log = this.#log(channel)
    const event: LoggedEvent = {
      type: 'event',
      channel,
      offset: log.events.length + 1,
      at: 0,
      user: { id: user },
      body,
      ...(id !== undefined && { id }),
    }
    log.events.push(event)
    for (const peer of this.#peers) if (peer.joined.has(channel)) peer.toSay.push(event)
    return event
  }

  #log(channel: string): Log {
    const log = this.#logs.get(channel) ?? { begin: 1, events: [] }
    this.#logs.set(channel, log)
    return log
  }
}
