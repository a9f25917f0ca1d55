import {
  type ChannelToJoin,
  type JoinCommand,
  parseChannelName,
  type Refusal,
  refuse,
  refuseChannelName,
} from '../../../protocol/index.ts'
import type { Identity } from '../../auth/auth.ts'
import type { Answer, LinkJoined } from '../../link/link.ts'
import type { Verdict } from '../connection/permission-cache.ts'
import type { CommandContext } from './command-context.ts'
import type { Joined } from './hub.ts'
import type { Session } from './session.ts'

/** Joining: many channels in one command, one reply for all of them, and no event before that reply. */
export interface JoinHandler {
  /** Resolves when its reply is on its way: what the session asks next finds the channels joined. */
  join(session: Session, command: JoinCommand): Promise<void>
  /**
   * Rechecks every joined channel and leaves those that are now denied. A channel whose check fails
   * stays joined. Resolves when all checks are done.
   */
  permitAgain(session: Session): Promise<void>
}

interface Replies {
  reply(session: Session, ref: number, okText: string): void
  leave(session: Session, channels: readonly string[], atOnce: boolean): void
}

export function createJoinHandler(parts: CommandContext, { reply, leave }: Replies): JoinHandler {
  const { acts, calls, core, hub, limits, permission } = parts

  function verdicts(
    session: Session,
    channels: readonly ChannelToJoin[],
  ): (Verdict | Promise<Verdict>)[] {
    const { identity } = session
    if (identity === undefined) throw new Error('an open session has no identity')
    const named = new Set<string>()
    return channels.map(({ channel }) => {
      if (parseChannelName(channel) === undefined) return refuseChannelName(channel)
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

  /** Asks the core for what is permitted. Resolves when the reply is on its way. */
  function proceed(
    session: Session,
    { ref, channels }: JoinCommand,
    decided: readonly Verdict[],
  ): Promise<void> | void {
    const user = session.identity?.user
    if (user === undefined) throw new Error('an open session has no identity')
    const granted = channels.filter((_, index) => decided[index] === undefined)
    if (granted.length === 0) return tell(session, ref, channels, decided, [])
    return new Promise((done, failed) => {
      let isTold = false
      const call = calls.open((answer) => {
        try {
          const joined = channelsIn(answer, granted)
          // A late answer after a timeout joined channels that the client was refused: leave them
          // again.
          if (session.state !== 'open' || isTold) takeBack(granted, joined, user.id)
          else tell(session, ref, channels, decided, joined)
          isTold = true
          done()
        } catch (error) {
          failed(error)
        }
      }, 'join')
      const asked = granted.map(({ channel, presence = false, latest = false }) => ({
        channel,
        presence,
        latest,
      }))
      core.send({ kind: 'join', call, user, channels: asked })
    })
  }

  /** Gone before it was in: only now does the core know it well enough to be told. */
  function takeBack(
    granted: readonly ChannelToJoin[],
    joined: readonly LinkJoined[],
    userId: string,
  ): void {
    const channels = granted
      .filter((_, index) => joined[index] !== undefined && !('refusal' in joined[index]))
      .map(({ channel }) => channel)
    if (channels.length > 0) core.send({ kind: 'leave', channels, userId, atOnce: false })
  }

  /** Makes the session a member and replies in the same turn: no event can come before the reply. */
  function tell(
    session: Session,
    ref: number,
    channels: readonly ChannelToJoin[],
    decided: readonly Verdict[],
    joined: readonly LinkJoined[],
  ): void {
    let next = 0
    const texts = channels.map((ask, index) => {
      const refusal = decided[index]
      if (refusal !== undefined) return refusedText(ask.channel, refusal)
      const one = joined[next]
      next += 1
      if (one === undefined) throw new Error('the core answered for fewer channels than were asked')
      if ('refusal' in one) return refusedText(ask.channel, one.refusal)
      return joinedText(hub.join(session, ask.channel, one.log, ask), one)
    })
    reply(session, ref, `{"channels":[${texts.join(',')}]}`)
  }

  async function permitAgain(session: Session): Promise<void> {
    const { identity } = session
    if (identity === undefined) return
    const later: Promise<void>[] = []
    for (const { name } of [...session.channels]) {
      const verdict = permission.askNow(identity, name, 'read')
      if (verdict instanceof Promise) {
        later.push(verdict.then((known) => keepOrLeave(session, identity, name, known)))
      } else keepOrLeave(session, identity, name, verdict)
    }
    await Promise.all(later)
  }

  function keepOrLeave(session: Session, asked: Identity, name: string, error: Verdict): void {
    // The token was renewed meanwhile, which triggers its own check.
    if (session.state !== 'open' || session.identity !== asked) return
    if (error?.code !== 'DENIED') return
    leave(session, [name], true)
    acts.send(session, JSON.stringify({ type: 'left', channel: name, error }))
  }

  return {
    async join(session, command) {
      if (session.state !== 'open') return
      const { generation } = permission
      const asked = verdicts(session, command.channels)
      const decided = asked.every(isDecided) ? asked : await Promise.all(asked)
      if (session.state === 'open') await proceed(session, command, decided)
      // Permissions changed while the join was in progress.
      if (permission.generation !== generation) await permitAgain(session)
    },

    permitAgain,
  }
}

function channelsIn(answer: Answer, granted: readonly ChannelToJoin[]): readonly LinkJoined[] {
  switch (answer.kind) {
    case 'joined':
      return answer.channels
    case 'refused':
      return granted.map(() => ({ refusal: answer.refusal }))
    default:
      throw new Error(`a join was answered by ${answer.kind}`)
  }
}

function refusedText(channel: string, error: Refusal): string {
  return JSON.stringify({ channel, error })
}

/** Presence and latest values come encoded from the core, once for all who join at the same time. */
function joinedText(
  { channel, position, recovered, gap }: Joined,
  { presence, latest }: { readonly presence?: string; readonly latest?: string },
): string {
  const { epoch, offset } = position
  const rest = [
    gap === undefined ? '' : `,"gap":${JSON.stringify(gap)}`,
    presence === undefined ? '' : `,"presence":${presence}`,
    latest === undefined ? '' : `,"latest":${latest}`,
  ].join('')
  return `{"channel":"${channel.name}","position":{"epoch":${JSON.stringify(epoch)},"offset":${offset}},"recovered":${recovered}${rest}}`
}

function isDecided(verdict: Verdict | Promise<Verdict>): verdict is Verdict {
  return !(verdict instanceof Promise)
}
