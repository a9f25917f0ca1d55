import {
  type ChannelToJoin,
  type JoinCommand,
  parseChannelName,
  type Refusal,
  refuse,
} from '../../protocol/index.ts'
import type { CommandParts } from './commands.ts'
import type { Joined } from './hub.ts'
import type { Verdict } from './permission.ts'
import type { Session } from './session.ts'

/** Joining: many channels in one command, one reply for all of them, and no event before that reply. */
export interface Joining {
  /** Resolves when its reply is on its way: what the session asks next finds the channels joined. */
  join(session: Session, command: JoinCommand): Promise<void>
  /** Asks again for every joined channel, after the identity has changed; a channel that is denied now is left. */
  permitAgain(session: Session): Promise<void>
}

interface Replies {
  reply(session: Session, ref: number, okText: string): void
  leave(session: Session, channel: string, atOnce: boolean): void
  lookAgain(session: Session): void
}

export function createJoining(parts: CommandParts, { reply, leave, lookAgain }: Replies): Joining {
  const { acts, calls, core, hub, limits, permission } = parts

  function verdicts(
    session: Session,
    channels: readonly ChannelToJoin[],
  ): (Verdict | Promise<Verdict>)[] {
    const { identity } = session
    if (identity === undefined) throw new Error('an open session has no identity')
    const named = new Set<string>()
    return channels.map(({ channel }) => {
      if (parseChannelName(channel) === undefined) return refuse('BAD_CHANNEL')
      if (named.has(channel) || session.channels.some(({ name }) => name === channel)) {
        return refuse('BAD_COMMAND', 'the session is in this channel already')
      }
      if (session.channels.length + named.size >= limits.sessionChannelsMax) {
        return refuse('TOO_MANY_CHANNELS')
      }
      named.add(channel)
      return permission.ask(identity, channel, 'read')
    })
  }

  async function proceed(
    session: Session,
    command: JoinCommand,
    decided: readonly Verdict[],
  ): Promise<void> {
    const joined: Joined[] = []
    const texts = await Promise.all(
      command.channels.map((ask, index) => {
        const refusal = decided[index]
        return refusal === undefined
          ? joinOne(session, ask, joined)
          : refusedText(ask.channel, refusal)
      }),
    )
    if (session.state !== 'open') return
    reply(session, command.ref, `{"channels":[${texts.join(',')}]}`)
    for (const { channel } of joined) hub.start(session, channel)
    // While the slowest channel of this join was waited for, the others went on.
    if (session.stale !== undefined && !session.congested) lookAgain(session)
  }

  /** Joins one channel and gives its part of the reply. */
  function joinOne(session: Session, ask: ChannelToJoin, joined: Joined[]): Promise<string> {
    const { channel, since, presence = false, latest = false } = ask
    const user = session.identity?.user
    if (user === undefined) throw new Error('an open session has no identity')
    return new Promise((done) => {
      const call = calls.open((answer) => {
        if (answer.kind === 'refused') return done(refusedText(channel, answer.refusal))
        if (answer.kind !== 'joined') throw new Error(`a join was answered by ${answer.kind}`)
        if (session.state !== 'open') {
          // Gone before it was in: only now does the core know it well enough to be told.
          core.send({ kind: 'leave', channel, userId: user.id, atOnce: false })
          return done('')
        }
        const one = hub.join(session, channel, answer.log, { since, presence, latest })
        joined.push(one)
        done(joinedText(one, answer.presence, answer.latest))
      })
      core.send({ kind: 'join', call, channel, user, presence, latest })
    })
  }

  return {
    async join(session, command) {
      if (session.state !== 'open') return
      const decided = await Promise.all(verdicts(session, command.channels))
      if (session.state === 'open') await proceed(session, command, decided)
    },

    async permitAgain(session) {
      for (const { name } of [...session.channels]) {
        const { identity } = session
        if (identity === undefined || session.state !== 'open') return
        const error = await permission.ask(identity, name, 'read')
        if (error === undefined || session.state !== 'open') continue
        leave(session, name, true)
        acts.send(session, JSON.stringify({ type: 'left', channel: name, error }))
      }
    },
  }
}

function refusedText(channel: string, error: Refusal): string {
  return JSON.stringify({ channel, error })
}

/** Presence and latest values come encoded from the core, once for all who join at the same time. */
function joinedText(
  { channel, position, recovered, gap }: Joined,
  presence?: string,
  latest?: string,
): string {
  const head = JSON.stringify({
    channel: channel.name,
    position,
    recovered,
    ...(gap === undefined ? {} : { gap }),
  })
  const extra = `${presence === undefined ? '' : `,"presence":${presence}`}${latest === undefined ? '' : `,"latest":${latest}`}`
  return `${head.slice(0, -1)}${extra}}`
}
