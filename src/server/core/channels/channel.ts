import { type Json, type Limits, type Refusal, refuse, type User } from '../../../protocol/index.ts'
import type { Decision } from '../../apps/app.ts'
import type { Answer, AppCall } from '../../link/link.ts'
import type { Log } from '../../log/log.ts'
import type { CoreMetrics, FaultMetrics } from '../../metrics/metrics.ts'
import { contain, reportFault } from '../../runtime/containment.ts'
import type { LogState } from '../../storage/storage.ts'
import { type Appender, asRusherError, type Outcome, refusalOf } from '../log/appender.ts'
import { ChannelLog } from './channel-log.ts'
import {
  decide,
  findEvents,
  findPublished,
  keyOf,
  keySumOf,
  type Parsed,
  parseBody,
} from './decide.ts'
import { encodeEnvelope, encodeLatest, latestText, signalText } from './event-text.ts'
import { IncreasingValues } from './increasing-values.ts'
import { applyEvent, replay } from './replay.ts'
import { Subscribers, type SubscribersContext } from './subscribers.ts'

/** Where a command's answer goes. */
export type AnswerTo = (answer: Answer) => void

/** What all channels of one app share. */
export interface ChannelContext extends SubscribersContext {
  readonly limits: Limits
  readonly log: Log
  readonly metrics: CoreMetrics & FaultMetrics
  readonly appender: Appender
  /** This channel has something to flush. */
  readonly dirty: (channel: Channel) => void
}

type PublishDecision = Extract<Decision, { kind: 'publish' }>

/** A command in the mailbox. */
interface Waiting {
  readonly call: AppCall
  readonly answer: AnswerTo
}

/**
 * A named stream: its log, its app's state, and the one mailbox in which all of its order is made. A command is decided on
 * committed state only; nothing is delivered before its commit.
 */
export class Channel {
  readonly name: string
  readonly subscribers: Subscribers
  /** Resolves when the channel can be read; rejects when storage cannot open it. */
  readonly opened: Promise<ChannelLog>
  readonly #parts: ChannelContext
  readonly #waiting: Waiting[] = []
  #outgoing: string[] = []
  #log: ChannelLog | undefined
  #state: Json = null
  #busy = true
  #inFlight = 0
  /** Of values that only increase, by the field that says how high they are. */
  #highest: Map<string, IncreasingValues> | undefined

  constructor(name: string, parts: ChannelContext) {
    this.name = name
    this.#parts = parts
    this.subscribers = new Subscribers(name, parts)
    this.opened = this.#open()
    this.opened.catch(() => this.#refuseWaiting())
  }

  /** The log, once it can be read. */
  get log(): ChannelLog | undefined {
    return this.#log
  }

  command(call: AppCall, answer: AnswerTo): void {
    if (this.#waiting.length >= this.#parts.limits.mailboxMax) {
      return this.#refused(answer, refuse('BUSY', undefined, 500))
    }
    this.#waiting.push({ call, answer })
    this.#run()
  }

  /** Sends the edges what was committed or passed on since the last time. */
  flush(): void {
    if (this.#outgoing.length === 0 || this.#log === undefined) return
    const events = this.#outgoing
    this.#outgoing = []
    this.subscribers.send({
      kind: 'events',
      channel: this.name,
      first: this.#log.state.head - events.length + 1,
      events,
    })
  }

  /** Whether nothing waits in it. */
  get quiet(): boolean {
    const isEmpty = this.#waiting.length === 0 && this.#outgoing.length === 0
    return isEmpty && this.#inFlight === 0 && !this.#busy
  }

  compacted(state: LogState): void {
    this.#log?.compacted(state)
  }

  async #open(): Promise<ChannelLog> {
    const { app, storage } = this.#parts
    const logState = await storage.open(this.name)
    this.#state = await replay(app, storage, this.name, logState.head, (thrown) =>
      this.#blame(thrown),
    )
    const log = new ChannelLog(this.name, logState, storage)
    this.#log = log
    this.#busy = false
    this.#run()
    return log
  }

  #refuseWaiting(): void {
    for (const { answer } of this.#waiting.splice(0))
      this.#refused(answer, refuse('STORAGE_UNAVAILABLE'))
  }

  #refused(answer: AnswerTo, refusal: Refusal): void {
    this.#parts.metrics.published('refused')
    answer({ kind: 'refused', refusal })
  }

  /** Takes from the mailbox until something has to be waited for. */
  #run(): void {
    while (!this.#busy) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      try {
        this.#handle(next)
      } catch (error) {
        reportFault(this.#parts, 'command', error)
        // The event may already be in flight to the log.
        this.#refused(next.answer, refuse('OUTCOME_UNKNOWN'))
      }
    }
  }

  #handle({ call, answer }: Waiting): void {
    const { app } = this.#parts
    const parsed = parseBody(app, call.body)
    if ('refusal' in parsed) {
      if (parsed.thrown !== undefined) this.#blame(parsed.thrown)
      return this.#refused(answer, parsed.refusal)
    }
    // Without state and references there is nothing to look up, so a busy chat never waits here.
    if (app.initial === undefined && parsed.refers.length === 0)
      return this.#settle(call, answer, parsed, new Map())
    this.#busy = true
    const looked = this.#lookUp(call, answer, parsed)
      .catch((error: unknown) => this.#refused(answer, refusalOf(asRusherError(error))))
      .finally(() => {
        this.#busy = false
        this.#run()
      })
    contain(this.#parts, 'command', looked)
  }

  async #lookUp(call: AppCall, answer: AnswerTo, parsed: Parsed): Promise<void> {
    if (this.#log === undefined) return this.#refused(answer, refuse('STORAGE_UNAVAILABLE'))
    const before = await findPublished(this.#parts.storage, this.name, call)
    if (before !== undefined) return this.#duplicate(answer, before)
    const found = await findEvents(this.#log, parsed.refers)
    await new Promise<void>((decided) => {
      this.#settle(call, answer, parsed, found, decided)
    })
  }

  /** Decides and performs. `decided` is called when the next command may be decided. */
  #settle(
    call: AppCall,
    answer: AnswerTo,
    parsed: Parsed,
    found: Parameters<typeof decide>[0]['found'],
    decided: () => void = () => undefined,
  ): void {
    const { app, clock } = this.#parts
    const head = this.#log?.state.head ?? 0
    const result = decide({ app, state: this.#state, call, parsed, found, now: clock.now(), head })
    if ('refusal' in result) {
      if (result.thrown !== undefined) this.#blame(result.thrown)
      this.#refused(answer, result.refusal)
      return decided()
    }
    const { decision } = result
    if (decision.kind === 'reply') this.#reply(answer, decision.body)
    else if (decision.kind === 'publish' && decision.keep === 'never')
      this.#passSignal(call.user, decision.body, answer)
    else if (decision.kind === 'publish') {
      const { keep } = decision
      const field = typeof keep === 'object' ? keep.increasing : undefined
      if (field === undefined) return this.#append(call, decision, answer, decided)
      return this.#keepHigher(field, call, decision, answer, decided)
    }
    decided()
  }

  /** Keeps a value unless a higher one is kept already. */
  #keepHigher(
    field: string,
    call: AppCall,
    decision: PublishDecision,
    answer: AnswerTo,
    decided: () => void,
  ): void {
    this.#highest ??= new Map()
    const highest = this.#highest.get(field) ?? new IncreasingValues(field)
    this.#highest.set(field, highest)
    const { keep, body } = decision
    const proceed = (): void => {
      const undo = typeof keep === 'object' ? highest.raise(keep.latest, body) : undefined
      if (undo === undefined) {
        this.#parts.metrics.published('passed')
        answer({ kind: 'accepted' })
        return decided()
      }
      const answered: AnswerTo = (given) => {
        if (given.kind === 'refused') undo()
        answer(given)
      }
      this.#append(call, decision, answered, decided)
    }
    if (highest.isLoaded) return proceed()
    this.#inFlight += 1
    const loaded = highest
      .load(this.#parts.storage, this.name)
      .then(proceed, (error: unknown) => {
        this.#refused(answer, refusalOf(asRusherError(error)))
        decided()
      })
      .finally(() => {
        this.#inFlight -= 1
      })
    contain(this.#parts, 'command', loaded)
  }

  /** Encodes what an app gave. Undefined where it is no JSON, which fails this command and nothing else. */
  #encode(answer: AnswerTo, write: () => string): string | undefined {
    try {
      return write()
    } catch (thrown) {
      this.#blame(thrown)
      this.#refused(answer, refuse('INTERNAL'))
      return undefined
    }
  }

  #reply(answer: AnswerTo, body: Json): void {
    const text = this.#encode(answer, () => JSON.stringify(body))
    if (text !== undefined) answer({ kind: 'replied', text })
  }

  #passSignal(user: User, body: Json, answer: AnswerTo): void {
    const text = this.#encode(answer, () => signalText(this.name, user, body))
    if (text === undefined) return
    this.subscribers.pass('signal', text)
    this.#parts.metrics.published('passed')
    answer({ kind: 'accepted' })
  }

  #append(call: AppCall, decision: PublishDecision, answer: AnswerTo, decided: () => void): void {
    const { app, appender, clock } = this.#parts
    const channel = this.name
    const at = clock.now()
    const { body, keep, erase } = decision
    const { id, user } = call
    const payload = this.#encode(answer, () =>
      typeof keep === 'object'
        ? encodeLatest({ key: keep.latest, at, user, body })
        : encodeEnvelope({ at, user, ...(id === undefined ? {} : { id }), body }),
    )
    if (payload === undefined) return decided()
    this.#inFlight += 1
    const key = keyOf(call)
    const expect = call.expect ?? (app.initial === undefined ? undefined : this.#log?.state.head)
    const taken = appender.append(
      typeof keep === 'object'
        ? { kind: 'latest', channel, name: keep.latest, payload }
        : {
            kind: 'event',
            channel,
            payload,
            ...(key === undefined ? {} : { key, keySum: keySumOf(call) }),
            ...(expect === undefined ? {} : { expect }),
            ...(erase === undefined ? {} : { erase }),
          },
      (outcome) => {
        this.#inFlight -= 1
        if (outcome.kind === 'kept' && typeof keep === 'object')
          this.#keepLatest(keep.latest, payload, answer)
        else this.#settled(outcome, payload, erase, answer)
        decided()
      },
    )
    if (!taken) {
      this.#inFlight -= 1
      this.#refused(answer, refuse('BUSY', undefined, 500))
      decided()
    }
  }

  #keepLatest(key: string, payload: string, answer: AnswerTo): void {
    this.subscribers.kept(key, payload)
    this.subscribers.pass('latest', latestText(this.name, payload))
    this.#parts.metrics.published('passed')
    answer({ kind: 'accepted' })
  }

  #settled(outcome: Outcome, payload: string, erase: number | undefined, answer: AnswerTo): void {
    switch (outcome.kind) {
      case 'appended':
        return this.#committed(outcome.offset, payload, erase, answer)
      case 'duplicate':
        return this.#duplicate(answer, outcome)
      case 'conflict':
        return this.#refused(answer, refuse('CONFLICT', `the head is ${outcome.head}`))
      case 'refused':
        return this.#refused(answer, outcome.refusal)
      case 'kept':
        throw new Error('an event came back as a latest value')
      default:
        outcome satisfies never
    }
  }

  #committed(offset: number, payload: string, erase: number | undefined, answer: AnswerTo): void {
    const { app, dirty, metrics } = this.#parts
    const log = this.#log
    if (log === undefined) throw new Error(`${this.name}: committed before it was opened`)
    if (this.#outgoing.length === 0) dirty(this)
    this.#outgoing.push(log.committed(offset, payload, erase))
    if (app.initial !== undefined) {
      this.#state = applyEvent(app, this.#state, { offset, payload }, (thrown) =>
        this.#blame(thrown),
      )
    }
    metrics.published('appended')
    answer({ kind: 'published', offset, epoch: log.state.epoch, duplicate: false })
  }

  #duplicate(answer: AnswerTo, before: { offset: number; same: boolean }): void {
    if (this.#log === undefined) throw new Error(`${this.name}: published before it was opened`)
    if (!before.same) return this.#refused(answer, refuse('ID_REUSED'))
    const { epoch } = this.#log.state
    this.#parts.metrics.published('duplicate')
    answer({ kind: 'published', offset: before.offset, epoch, duplicate: true })
  }

  #blame(thrown: unknown): void {
    const { app, log } = this.#parts
    log.error(
      { err: thrown, channel: this.name, app: app.name },
      'an app threw; the command it threw at was refused, or the event left out of its state',
    )
  }
}
