import {
  type Command,
  type HistoryCommand,
  type PublishCommand,
  parseChannelName,
  type Refusal,
  type RequestCommand,
  refuse,
  refuseChannelName,
  type SignalCommand,
  type TrackCommand,
} from '../../../protocol/index.ts'
import type { Act } from '../../auth/auth.ts'
import type { Answer } from '../../link/link.ts'
import { reportFault, runContained } from '../../runtime/containment.ts'
import type { CallKind } from '../connection/pending-requests.ts'
import type { Verdict } from '../connection/permission-cache.ts'
import { take } from '../connection/rate-limit.ts'
import type { CommandContext } from './command-context.ts'
import { createJoinHandler } from './handle-join.ts'
import type { HubChannel, Session } from './session.ts'

/** The commands of sessions: each is admitted or refused here, and what it asks for is asked of the core. */
export interface Dispatcher {
  admit(session: Session, command: Command, frameBytes: number): void
  /** Tells a refusal, under its ref where there is one. */
  refuse(session: Session, ref: number | undefined, refusal: Refusal): void
  /** The session is gone: its channels are told. */
  leaveAll(session: Session): void
  /** The session is admitted: what stood behind its connect in the same frame is admitted too. */
  goOn(session: Session): void
  /** Sends anew what was passed on while the session was congested. */
  lookAgain(session: Session): void
  /** Rechecks the session's read permissions; resolves when it has left what is now denied. */
  recheck(session: Session): Promise<void>
}

type ForApp = PublishCommand | SignalCommand | RequestCommand

export function createDispatcher(parts: CommandContext): Dispatcher {
  const { acts, calls, core, hub, limits, metrics, permission } = parts
  const joining = createJoinHandler(parts, { reply, leave })

  function reply(session: Session, ref: number, okText: string): void {
    acts.send(session, `{"type":"reply","ref":${ref},"ok":${okText}}`)
  }

  function refuseCommand(session: Session, ref: number | undefined, error: Refusal): void {
    if (session.state === 'closed') return
    metrics.refused(error.code)
    const message = ref === undefined ? { type: 'error', error } : { type: 'reply', ref, error }
    acts.send(session, JSON.stringify(message))
  }

  function perform(
    session: Session,
    command: Exclude<Command, { type: 'connect' }>,
  ): void | Promise<void> {
    switch (command.type) {
      case 'pong':
        return
      case 'ping':
        return reply(session, command.ref, '{}')
      case 'renew':
        return renew(session, command)
      case 'join':
        return joining.join(session, command)
      case 'leave': {
        leave(session, command.channels, true)
        return reply(session, command.ref, JSON.stringify({ channels: command.channels }))
      }
      case 'publish':
      case 'signal':
      case 'request':
        return permitted(session, command, 'write', () => toApp(session, command))
      case 'history':
        return permitted(session, command, 'read', () => history(session, command))
      case 'presence':
        return permitted(session, command, 'read', () =>
          presence(session, command.ref, command.channel),
        )
      case 'track':
        return permitted(session, command, 'write', () => track(session, command))
      default:
        return command satisfies never
    }
  }

  async function renew(
    session: Session,
    command: Extract<Command, { type: 'renew' }>,
  ): Promise<void> {
    if (await parts.connecting.renew(session, command)) await joining.permitAgain(session)
  }

  function permitted(
    session: Session,
    command: { readonly channel: string; readonly ref?: number },
    act: Act,
    go: () => void,
  ): void | Promise<void> {
    const { identity } = session
    if (identity === undefined) throw new Error('an open session has no identity')
    if (parseChannelName(command.channel) === undefined) {
      return refuseCommand(session, command.ref, refuseChannelName(command.channel))
    }
    const decide = (verdict: Verdict): void => {
      if (session.state !== 'open') return
      if (verdict !== undefined) refuseCommand(session, command.ref, verdict)
      else go()
    }
    const verdict = permission.ask(identity, command.channel, act)
    return verdict instanceof Promise ? verdict.then(decide) : decide(verdict)
  }

  /** Opens a call whose answer is given while the session lives. */
  function call(
    session: Session,
    ref: number | undefined,
    answered: (answer: Answer) => void,
    kind: CallKind = 'read',
  ): number {
    session.pending += 1
    return calls.open((answer) => {
      session.pending -= 1
      if (session.state === 'closed') return
      if (answer.kind === 'refused') return refuseCommand(session, ref, answer.refusal)
      try {
        answered(answer)
      } catch (error) {
        fail(session, ref, error, kind === 'publish' ? 'OUTCOME_UNKNOWN' : 'INTERNAL')
      }
    }, kind)
  }

  /** Answers a command that caused an internal error; the session continues. */
  function fail(
    session: Session,
    ref: number | undefined,
    error: unknown,
    code: 'INTERNAL' | 'OUTCOME_UNKNOWN' = 'INTERNAL',
  ): void {
    reportFault(parts, 'command', error)
    refuseCommand(session, ref, refuse(code))
  }

  /** Takes one from the session's rate of publishes; refuses the command when there is none left. */
  function takePublish(session: Session, ref: number | undefined): boolean {
    const nowMs = parts.clock.monotonicMs()
    const rate = { perSecond: limits.publishesPerSecond, burst: limits.publishesBurst }
    const taken = take(session.publishesFullMs, nowMs, rate)
    if ('waitMs' in taken) {
      refuseCommand(session, ref, refuse('RATE_LIMITED', undefined, taken.waitMs))
      return false
    }
    session.publishesFullMs = taken.fullAtMs
    return true
  }

  function toApp(session: Session, command: ForApp): void {
    const { ref } = command
    const { identity } = session
    if (!takePublish(session, ref) || identity === undefined) return
    core.send({
      kind: 'command',
      call: call(
        session,
        ref,
        (answer) => {
          // Signals are not stored, so the reply carries no durability.
          if (ref !== undefined)
            reply(session, ref, command.type === 'signal' ? '{}' : appReply(answer))
        },
        'publish',
      ),
      act: command.type,
      channel: command.channel,
      user: identity.user,
      body: command.body,
      ...(command.type === 'publish' ? { id: command.id } : {}),
      ...(command.type === 'publish' && command.expect !== undefined
        ? { expect: command.expect }
        : {}),
    })
  }

  function appReply(answer: Answer): string {
    const { durability } = parts
    switch (answer.kind) {
      case 'published':
        return JSON.stringify({
          position: { epoch: answer.epoch, offset: answer.offset },
          ...(answer.duplicate ? { duplicate: true } : {}),
          durability,
        })
      case 'accepted':
        return JSON.stringify({ durability })
      case 'replied':
        return `{"body":${answer.text}}`
      default:
        throw new Error(`an app was asked, and the core answered ${answer.kind}`)
    }
  }

  function history(session: Session, command: HistoryCommand): void {
    const { channel, after, before, ref } = command
    const limit = command.limit ?? Math.min(50, limits.historyEventsMax)
    const opened = call(session, ref, (answer) => {
      if (answer.kind !== 'page')
        throw new Error(`a page was asked for, and the core answered ${answer.kind}`)
      const { log, first, events } = answer
      const more = after === undefined ? first > log.begin : first + events.length - 1 < log.head
      const position = JSON.stringify({ epoch: log.epoch, offset: log.head })
      reply(
        session,
        ref,
        `{"position":${position},"begin":${log.begin},"events":[${events.join(',')}],"more":${more}}`,
      )
    })
    if (after === undefined)
      core.send({ kind: 'read-before', call: opened, channel, before, limit })
    else core.send({ kind: 'read', call: opened, channel, after, limit })
  }

  function presence(session: Session, ref: number, channel: string): void {
    const opened = call(session, ref, (answer) => {
      const text = answer.kind === 'seen' ? answer.presence : undefined
      if (text !== undefined) reply(session, ref, text)
      else
        refuseCommand(
          session,
          ref,
          refuse('NOT_FOUND', 'channels of this kind do not tell who is here'),
        )
    })
    core.send({ kind: 'look', call: opened, channel, presence: true, latest: false })
  }

  function track(session: Session, { ref, channel, data }: TrackCommand): void {
    const userId = session.identity?.user.id
    if (userId === undefined || !takePublish(session, ref)) return
    const bytesMax = limits.presenceDataBytesMax
    if (bytesOf(data) > bytesMax) {
      const refusal = refuse('TOO_LARGE', `presence data has ${bytesMax} bytes at most`)
      return refuseCommand(session, ref, refusal)
    }
    if (!session.channels.some(({ name }) => name === channel)) {
      return refuseCommand(session, ref, refuse('BAD_COMMAND', 'join the channel first'))
    }
    const opened = call(session, ref, () => reply(session, ref, '{}'))
    core.send({ kind: 'track', call: opened, channel, userId, data })
  }

  function leave(session: Session, names: readonly string[], atOnce: boolean): void {
    const userId = session.identity?.user.id
    const left = session.channels.filter(({ name }) => names.includes(name))
    if (userId === undefined || left.length === 0) return
    for (const channel of left) hub.leave(session, channel)
    core.send({ kind: 'leave', channels: left.map(({ name }) => name), userId, atOnce })
  }

  /** Commands keep their order: while one waits for a permission, those behind it wait too. */
  function inOrder(session: Session, command: Exclude<Command, { type: 'connect' }>): void {
    try {
      const later = perform(session, command)
      if (later === undefined) return
      session.waiting = []
      later
        .catch((error: unknown) => fail(session, refOf(command), error))
        .finally(() => runContained(parts, 'command', () => goOn(session)))
    } catch (error) {
      fail(session, refOf(command), error)
    }
  }

  function admitLater(session: Session, command: Command): void {
    session.waiting ??= []
    session.waiting.push(command)
  }

  function goOn(session: Session): void {
    const waiting = session.waiting ?? []
    session.waiting = undefined
    for (const next of waiting) admitOpen(session, next)
    if (session.isHeld && session.waiting === undefined) acts.release(session)
  }

  function admitOpen(session: Session, command: Command): void {
    if (session.state !== 'open') return
    if (command.type === 'connect') {
      return refuseCommand(
        session,
        command.ref,
        refuse('BAD_COMMAND', 'this session is connected already'),
      )
    }
    if (session.pending + (session.waiting?.length ?? 0) >= limits.sessionPendingMax) {
      return refuseCommand(session, refOf(command), refuse('BUSY', undefined, 500))
    }
    if (session.waiting !== undefined) admitLater(session, command)
    else inOrder(session, command)
  }

  function seen(session: Session, channel: HubChannel, answer: Answer): void {
    if (answer.kind !== 'seen' || !session.channels.includes(channel)) return
    const { name } = channel
    if (answer.presence !== undefined) {
      acts.send(session, `{"type":"presence","channel":"${name}",${answer.presence.slice(1)}`)
    }
    if (answer.latest !== undefined) {
      const values = JSON.parse(answer.latest) as readonly object[]
      for (const value of values.toReversed()) {
        acts.send(session, JSON.stringify({ type: 'latest', channel: name, ...value }))
      }
    }
  }

  function lookAgain(session: Session): void {
    const stale = session.stale ?? []
    session.stale = undefined
    for (const channel of stale) {
      const opened = calls.open((answer) => seen(session, channel, answer), 'read')
      const presence = channel.watchers?.has(session) ?? false
      const latest = channel.lookers?.has(session) ?? false
      core.send({ kind: 'look', call: opened, channel: channel.name, presence, latest })
    }
  }

  return {
    refuse: refuseCommand,
    admit(session, command, frameBytes) {
      metrics.command(command.type)
      if (
        'body' in command &&
        frameBytes > limits.bodyBytesMax &&
        bytesOf(command.body) > limits.bodyBytesMax
      ) {
        return refuseCommand(
          session,
          command.ref,
          refuse('TOO_LARGE', `a body has ${limits.bodyBytesMax} bytes at most`),
        )
      }
      if (session.state === 'open') return admitOpen(session, command)
      if (session.state === 'connecting') return admitLater(session, command)
      if (command.type === 'connect') return parts.connecting.connect(session, command)
      acts.close(session, 'CONNECT_EXPECTED')
    },
    goOn,
    leaveAll(session) {
      leave(
        session,
        session.channels.map(({ name }) => name),
        false,
      )
    },
    lookAgain,
    recheck: joining.permitAgain,
  }
}

/** The number that a command's reply comes back under. */
export function refOf(command: Command): number | undefined {
  return 'ref' in command ? command.ref : undefined
}

function bytesOf(body: unknown): number {
  return Buffer.byteLength(JSON.stringify(body))
}
