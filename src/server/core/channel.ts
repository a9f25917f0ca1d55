import { type Json, type Refusal, refuse, type User } from '../../protocol/index.ts'
import type { Decision } from '../app/app.ts'
import type { Answer, AppCall } from '../link/link.ts'
import type { LogState } from '../storage/storage.ts'
import { type Appender, asRusherError, type Outcome, refusalOf } from './appender.ts'
import { type Audience, createAudience } from './audience.ts'
import { type ChannelLog, createChannelLog } from './channel-log.ts'
import type { AnyApp, CoreOptions } from './core-options.ts'
import {
  decide,
  findEvents,
  findPublished,
  keyOf,
  keySumOf,
  type Parsed,
  parseBody,
} from './deciding.ts'
import { encodeEnvelope, encodeLatest, latestText, signalText } from './event-text.ts'
import { applyEvent, replay } from './replay.ts'

/** Where a command's answer goes. */
export type AnswerTo = (answer: Answer) => void

/**
 * A named stream: its log, its app's state, and the one mailbox in which all of its order is made. A command is decided on
 * committed state only; nothing is delivered before its commit.
 */
export interface Channel {
  readonly name: string
  readonly audience: Audience
  /** Resolves when the channel can be read; rejects when storage cannot open it. */
  readonly opened: Promise<ChannelLog>
  /** The same, once it can be read. */
  readonly log: ChannelLog | undefined
  command(call: AppCall, answer: AnswerTo): void
  /** Sends the edges what was committed or passed on since the last time. */
  flush(): void
  /** Whether nothing waits in it. */
  readonly quiet: boolean
  compacted(state: LogState): void
}

export interface ChannelParts
  extends Pick<CoreOptions, 'storage' | 'limits' | 'clock' | 'log' | 'metrics' | 'presence'> {
  readonly app: AnyApp
  readonly appender: Appender
  /** This channel has something to flush. */
  readonly dirty: (channel: Channel) => void
}

export function createChannel(name: string, parts: ChannelParts): Channel {
  const { app, storage, appender, clock } = parts
  const waiting: { call: AppCall; answer: AnswerTo }[] = []
  const audience = createAudience(name, app, parts)
  let outgoing: string[] = []
  let log: ChannelLog | undefined
  let state: Json = null
  let busy = true
  let inFlight = 0

  const opened = open()
  opened.catch(() => refuseWaiting())

  async function open(): Promise<ChannelLog> {
    const logState = await storage.open(name)
    state = await replay(app, storage, name, logState.head, blame)
    log = createChannelLog(name, logState, storage)
    busy = false
    run()
    return log
  }

  function refuseWaiting(): void {
    for (const { answer } of waiting.splice(0)) refused(answer, refuse('STORAGE_UNAVAILABLE'))
  }

  function refused(answer: AnswerTo, refusal: Refusal): void {
    parts.metrics.published('refused')
    answer({ kind: 'refused', refusal })
  }

  /** Takes from the mailbox until something has to be waited for. */
  function run(): void {
    while (!busy) {
      const next = waiting.shift()
      if (next === undefined) return
      handle(next.call, next.answer)
    }
  }

  function handle(call: AppCall, answer: AnswerTo): void {
    const parsed = parseBody(app, call.body)
    if ('refusal' in parsed) {
      if (parsed.thrown !== undefined) blame(parsed.thrown)
      return refused(answer, parsed.refusal)
    }
    // Without state and references there is nothing to look up, so a busy chat never waits here.
    if (app.initial === undefined && parsed.refers.length === 0)
      return settle(call, answer, parsed, new Map())
    busy = true
    lookUp(call, answer, parsed)
      .catch((error: unknown) => refused(answer, refusalOf(asRusherError(error))))
      .finally(() => {
        busy = false
        run()
      })
  }

  async function lookUp(call: AppCall, answer: AnswerTo, parsed: Parsed): Promise<void> {
    if (log === undefined) return refused(answer, refuse('STORAGE_UNAVAILABLE'))
    const before = await findPublished(storage, name, call)
    if (before !== undefined) return duplicate(answer, before)
    const found = await findEvents(log, parsed.refers)
    await new Promise<void>((decided) => {
      settle(call, answer, parsed, found, decided)
    })
  }

  /** Decides and performs. `decided` is called when the next command may be decided. */
  function settle(
    call: AppCall,
    answer: AnswerTo,
    parsed: Parsed,
    found: Parameters<typeof decide>[0]['found'],
    decided: () => void = () => undefined,
  ): void {
    const result = decide({ app, state, call, parsed, found, now: clock.now() })
    if ('refusal' in result) {
      if (result.thrown !== undefined) blame(result.thrown)
      refused(answer, result.refusal)
      return decided()
    }
    const { decision } = result
    if (decision.kind === 'reply') answer({ kind: 'replied', body: decision.body })
    else if (decision.kind === 'publish' && decision.keep === 'never')
      passSignal(call.user, decision.body, answer)
    else if (decision.kind === 'publish') return append(call, decision, answer, decided)
    decided()
  }

  /** Encodes what an app gave. Undefined where it is no JSON, which fails this command and nothing else. */
  function encode(answer: AnswerTo, write: () => string): string | undefined {
    try {
      return write()
    } catch (thrown) {
      blame(thrown)
      refused(answer, refuse('INTERNAL'))
      return undefined
    }
  }

  function passSignal(user: User, body: Json, answer: AnswerTo): void {
    const text = encode(answer, () => signalText(name, user, body))
    if (text === undefined) return
    audience.pass('signal', text)
    parts.metrics.published('passed')
    answer({ kind: 'accepted' })
  }

  function append(
    call: AppCall,
    decision: Extract<Decision, { kind: 'publish' }>,
    answer: AnswerTo,
    decided: () => void,
  ): void {
    const at = clock.now()
    const { body, keep } = decision
    const { id, user } = call
    const payload = encode(answer, () =>
      typeof keep === 'object'
        ? encodeLatest({ key: keep.latest, at, user, body })
        : encodeEnvelope({ at, user, ...(id === undefined ? {} : { id }), body }),
    )
    if (payload === undefined) return decided()
    inFlight += 1
    const key = keyOf(call)
    const expect = call.expect ?? (app.initial === undefined ? undefined : log?.state.head)
    const taken = appender.append(
      typeof keep === 'object'
        ? { kind: 'latest', channel: name, name: keep.latest, payload }
        : {
            kind: 'event',
            channel: name,
            payload,
            ...(key === undefined ? {} : { key, keySum: keySumOf(call) }),
            ...(expect === undefined ? {} : { expect }),
            ...(decision.erase === undefined ? {} : { erase: decision.erase }),
          },
      (outcome) => {
        inFlight -= 1
        if (outcome.kind === 'kept' && typeof keep === 'object')
          keepLatest(keep.latest, payload, answer)
        else settled(outcome, payload, decision.erase, answer)
        decided()
      },
    )
    if (!taken) {
      inFlight -= 1
      refused(answer, refuse('BUSY', undefined, 500))
      decided()
    }
  }

  function keepLatest(key: string, payload: string, answer: AnswerTo): void {
    audience.kept(key, payload)
    audience.pass('latest', latestText(name, payload))
    parts.metrics.published('passed')
    answer({ kind: 'accepted' })
  }

  function settled(
    outcome: Outcome,
    payload: string,
    erase: number | undefined,
    answer: AnswerTo,
  ): void {
    switch (outcome.kind) {
      case 'appended':
        return committed(outcome.offset, payload, erase, answer)
      case 'duplicate':
        return duplicate(answer, outcome)
      case 'conflict':
        return refused(answer, refuse('CONFLICT', `the head is ${outcome.head}`))
      case 'refused':
        return refused(answer, outcome.refusal)
      case 'kept':
        throw new Error('an event came back as a latest value')
      default:
        outcome satisfies never
    }
  }

  function committed(
    offset: number,
    payload: string,
    erase: number | undefined,
    answer: AnswerTo,
  ): void {
    if (log === undefined) throw new Error(`${name}: committed before it was opened`)
    if (outgoing.length === 0) parts.dirty(channel)
    outgoing.push(log.committed(offset, payload, erase))
    if (app.initial !== undefined) state = applyEvent(app, state, { offset, payload }, blame)
    parts.metrics.published('appended')
    answer({ kind: 'published', offset, epoch: log.state.epoch, duplicate: false })
  }

  function duplicate(answer: AnswerTo, before: { offset: number; same: boolean }): void {
    if (log === undefined) throw new Error(`${name}: published before it was opened`)
    if (!before.same) return refused(answer, refuse('ID_REUSED'))
    parts.metrics.published('duplicate')
    answer({ kind: 'published', offset: before.offset, epoch: log.state.epoch, duplicate: true })
  }

  function blame(thrown: unknown): void {
    parts.log.error(
      { err: thrown, channel: name, app: app.name },
      'an app threw; the command it threw at was refused, or the event left out of its state',
    )
  }

  const channel: Channel = {
    name,
    audience,
    opened,
    get log() {
      return log
    },
    command(call, answer) {
      if (waiting.length >= parts.limits.mailboxMax) {
        return refused(answer, refuse('BUSY', undefined, 500))
      }
      waiting.push({ call, answer })
      run()
    },
    flush() {
      if (outgoing.length === 0 || log === undefined) return
      const events = outgoing
      outgoing = []
      audience.send({
        kind: 'events',
        channel: name,
        first: log.state.head - events.length + 1,
        events,
      })
    },
    get quiet() {
      return waiting.length === 0 && inFlight === 0 && outgoing.length === 0 && !busy
    },
    compacted(next) {
      log?.compacted(next)
    },
  }
  return channel
}
