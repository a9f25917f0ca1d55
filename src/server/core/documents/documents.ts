import type { RusherError } from '../../../protocol/index.ts'
import type {
  Author,
  DocumentAnswer,
  DocumentRequest,
  DocumentToCore,
} from '../../link/document-messages.ts'
import type { EdgeEnd } from '../../link/edge-end.ts'
import { contain, runContained } from '../../runtime/containment.ts'
import { type Asked, answerQuestion, failureOf } from './backend-requests.ts'
import { type Compacted, compactIfDue } from './compaction.ts'
import { holdsDeleted } from './deletion.ts'
import { createDocument, type Document, refusal } from './document.ts'
import type { DocumentContext } from './document-context.ts'
import { documentLimits } from './document-limits.ts'
import type { FollowListener } from './follower.ts'
import { Following } from './following.ts'
import { type ListRequest, listDocuments } from './list-documents.ts'
import { type OnStateless, StatelessHook } from './stateless-hook.ts'
import {
  createDocumentSubscribers,
  type DocumentSubscribers,
  keyOf,
  type StatelessTarget,
} from './subscribers.ts'

/** The documents that somebody has open, on the side that holds channels. */
export interface Documents {
  receive(edge: EdgeEnd, message: DocumentToCore): void
  dropEdge(edge: EdgeEnd): void
  /** Answers a request of the embedding program. Rejects if the document cannot be read. */
  answer(name: string, author: Author, question: DocumentRequest): Promise<DocumentAnswer>
  /** Lists documents for the embedding program. Rejects when storage cannot be read. */
  list(question: ListRequest): Promise<DocumentAnswer>
  /** Calls the listener for every change committed from now on. Returns an unsubscribe function. */
  follow(name: string, listener: FollowListener): () => void
  /** Sends a message to the Hocuspocus clients that have the document open. */
  sendStateless(name: string, text: string, to?: StatelessTarget): void
  tick(): void
  /**
   * Storage has failed for good: what is not on disk, and every change from now on, is refused with
   * UNAVAILABLE and the cause's text. Nothing is tried again.
   */
  fail(cause: RusherError): void
  /** Updates taken in that are neither on disk nor refused. */
  readonly unsaved: number
  /** Those of them that storage does not have in hand. */
  readonly waiting: number
  /** Documents with such updates. */
  unsavedNames(): readonly string[]
  /** Documents that storage does not take updates of, or that cannot be read, now. */
  readonly failing: number
  readonly size: number
  /** Resolves when nothing is unsaved. */
  idle(): Promise<void>
  stop(): void
}

interface Held extends Compacted {
  readonly document: Document
  readonly followers: DocumentSubscribers
  /** Questions of backends that are being answered. */
  asked: number
  /** Since when nobody needs it; undefined while somebody does. */
  idleMs: number | undefined
  unreadable: boolean
}

interface Parts
  extends Omit<
    DocumentContext,
    'committed' | 'deleted' | 'settled' | 'saving' | 'unreadable' | 'compacting' | 'wait'
  > {
  readonly onStateless: OnStateless | undefined
}

export function createDocuments(given: Parts): Documents {
  const { clock, log } = given
  const held = new Map<string, Held>()
  const following = new Following(given)
  const hook = new StatelessHook(given.onStateless, given)
  const dirty = new Set<DocumentSubscribers>()
  const idlers: (() => void)[] = []
  let questions = 0
  let stopped = false
  let failure: RusherError | undefined
  let flushing = false

  const parts: DocumentContext = {
    ...given,
    committed(name, offset, row) {
      held.get(name)?.followers.committed(offset, row.update)
      following.committed(name, offset, row)
      // A committed update stays committed, even if the follow-up fails.
      runContained(given, 'document', () => compactWhenDue(name))
    },
    deleted(name, offset, row) {
      const followers = held.get(name)?.followers
      followers?.committed(offset, row.update)
      followers?.deleted()
      following.deleted(name, offset, row)
    },
    settled: tellIdle,
    saving(name, failing) {
      if (failing) log.error({ document: name }, 'storage refuses updates; they are retried')
      else log.warn({ document: name }, 'storage takes updates again')
    },
    compacting(name) {
      // Recently failed: schedule the next attempt; the document rejects writes until then.
      compactWhenDue(name)
      return held.get(name)?.compacting === true
    },
    unreadable(name) {
      const entry = held.get(name)
      if (entry !== undefined) entry.unreadable = true
    },
    // Once stopped nothing is tried any more.
    wait: (ms) =>
      new Promise((resolve) => {
        setTimeout(() => stopped || resolve(), ms).unref()
      }),
  }

  function get(name: string): Held {
    const known = held.get(name)
    if (known !== undefined) {
      known.idleMs = undefined
      return known
    }
    const document = createDocument(name, parts)
    const followers = createDocumentSubscribers(name, {
      clock,
      log,
      metrics: given.metrics,
      presenceBytesMax: given.limits.documentAwarenessBytesMax,
      head: () => document.log?.head ?? 0,
      holdsElements: async () => given.engine.holdElements((await document.opened).updates()),
      dirty() {
        dirty.add(followers)
        if (flushing) return
        flushing = true
        setImmediate(flush)
      },
    })
    const entry: Held = {
      document,
      followers,
      compacting: false,
      compactMs: 0,
      asked: 0,
      idleMs: undefined,
      unreadable: false,
    }
    held.set(name, entry)
    if (failure !== undefined) document.fail(failure)
    const readable = entry.document.opened.then(
      () => {
        entry.unreadable = false
      },
      // Its waiting callers get the answer.
      () => {
        entry.unreadable = true
      },
    )
    contain(given, 'document', readable)
    return entry
  }

  function flush(): void {
    flushing = false
    const turn = [...dirty]
    dirty.clear()
    for (const followers of turn) runContained(given, 'document', () => followers.flush())
  }

  function compactWhenDue(name: string): void {
    const entry = held.get(name)
    if (entry !== undefined) contain(given, 'document', compactIfDue(entry, given))
  }

  function reply(edge: EdgeEnd, call: number, answer: DocumentAnswer): void {
    edge.port.send({ kind: 'answer', call, answer: { kind: 'document', answer } })
  }

  /** It left before it was answered: nobody is told, but the edge must not keep the question. */
  function left(edge: EdgeEnd, call: number): void {
    reply(edge, call, refusal('UNAVAILABLE', 'it has left'))
  }

  function failed(edge: EdgeEnd, call: number, name: string, error: unknown): void {
    reply(edge, call, failureOf(error, name, log))
  }

  /** Guarantees that the edge gets an answer, also after an error. */
  function answered(
    edge: EdgeEnd,
    { call, document }: { readonly call: number; readonly document: string },
    work: Promise<void>,
  ): void {
    const settled = work.catch((error: unknown) => failed(edge, call, document, error))
    contain(given, 'document', settled)
  }

  async function open(
    edge: EdgeEnd,
    message: Extract<DocumentToCore, { kind: 'open' }>,
  ): Promise<void> {
    const { document, followers } = get(message.document)
    // Before it can be read: so that it is not let go of meanwhile, and an edge that leaves is known to have.
    followers.join(edge, message.member, message.author)
    const { head } = await document.opened
    if (followers.authorOf(edge, message.member) === undefined) return left(edge, message.call)
    // What was committed before this answer must not come after it.
    followers.flush()
    const now = document.log?.head ?? head
    reply(edge, message.call, { kind: 'opened', head: now, presence: followers.presence() })
  }

  async function page(
    edge: EdgeEnd,
    message: Extract<DocumentToCore, { kind: 'page' }>,
  ): Promise<void> {
    const { document, followers } = get(message.document)
    const log = await document.opened
    const { call, cursor, stateVector, user } = message
    if (holdsDeleted(stateVector, log)) return reply(edge, call, refusal('DELETED', 'an old copy'))
    const made = await log.page(cursor, stateVector)
    followers.flush()
    const asks = user === undefined ? undefined : log.asksOf(user)
    reply(edge, call, { kind: 'page', ...made, ...(asks === undefined ? {} : { asks }) })
  }

  const list = (question: ListRequest) => listDocuments(question, given.storage)

  const answer: Documents['answer'] = (name, author, question) =>
    whileAsked(name, author, (asked) =>
      answerQuestion(asked, question, {
        ...given,
        withOther: (other, act) => whileAsked(other, author, act),
      }),
    )

  /** Runs a task with a document and keeps it in memory meanwhile. */
  async function whileAsked<Result>(
    name: string,
    author: Author,
    act: (asked: Asked) => Promise<Result>,
  ): Promise<Result> {
    const entry = get(name)
    entry.asked += 1
    questions += 1
    const sender = `question ${questions}`
    try {
      const { document } = entry
      return await act({ document, log: await document.opened, author, sender })
    } finally {
      entry.asked -= 1
    }
  }

  async function ask(
    edge: EdgeEnd,
    message: Extract<DocumentToCore, { kind: 'ask' }>,
  ): Promise<void> {
    reply(edge, message.call, await answer(message.document, message.author, message.question))
  }

  function stateless(
    edge: EdgeEnd,
    { document, member, text }: Extract<DocumentToCore, { kind: 'stateless' }>,
  ): void {
    const followers = held.get(document)?.followers
    const user = followers?.authorOf(edge, member)
    if (followers === undefined || user === undefined) return
    const connection = keyOf(edge, member)
    if (hook.take({ document, text, user, connection })) return
    const message = 'The server is still processing earlier messages. Send this one again.'
    const notice = { kind: 'refused', about: 'message', code: 'OVERLOADED', message }
    followers.stateless(JSON.stringify(notice), { connection })
  }

  function update(edge: EdgeEnd, message: Extract<DocumentToCore, { kind: 'update' }>): void {
    const { document, followers } = get(message.document)
    const author = followers.authorOf(edge, message.member)
    if (author === undefined) return left(edge, message.call)
    document.receive({
      sender: keyOf(edge, message.member),
      author,
      update: message.update,
      write: message.write,
      ...(message.client === undefined ? {} : { client: message.client }),
      ...(message.vocabulary === undefined ? {} : { vocabulary: message.vocabulary }),
      answer: (answer) => reply(edge, message.call, answer),
    })
  }

  function isNeeded({ document, followers, asked, compacting }: Held): boolean {
    return followers.size > 0 || followers.restless || asked > 0 || compacting || !document.quiet
  }

  function letGoWhenIdle(name: string, entry: Held, nowMs: number): void {
    if (isNeeded(entry)) {
      entry.idleMs = undefined
      return
    }
    entry.idleMs ??= nowMs
    const isOpening = entry.document.log === undefined && failure === undefined
    if (nowMs - entry.idleMs < documentLimits.idleMs || isOpening) return
    entry.document.release()
    held.delete(name)
  }

  function unsaved(): number {
    let sum = 0
    for (const { document } of held.values()) sum += document.unsaved
    return sum
  }

  function tellIdle(): void {
    if (idlers.length > 0 && unsaved() === 0) for (const idle of idlers.splice(0)) idle()
  }

  return {
    receive(edge, message) {
      switch (message.kind) {
        case 'open':
          return answered(edge, message, open(edge, message))
        case 'leave':
          return held
            .get(message.document)
            ?.followers.leave(edge, message.member, clock.monotonicMs(), message.atOnce)
        case 'update':
          return update(edge, message)
        case 'page':
          return answered(edge, message, page(edge, message))
        case 'presence':
          return held.get(message.document)?.followers.announce(edge, message.member, message)
        case 'stateless':
          return stateless(edge, message)
        case 'ask':
          return answered(edge, message, ask(edge, message))
        case 'list':
          return answered(
            edge,
            { call: message.call, document: message.prefix },
            list(message).then((made) => reply(edge, message.call, made)),
          )
        default:
          return message satisfies never
      }
    },
    answer,
    list,
    follow: (name, listener) => following.follow(name, listener),
    sendStateless: (name, text, to) => held.get(name)?.followers.stateless(text, to),
    dropEdge(edge) {
      for (const { followers } of held.values()) followers.dropEdge(edge, clock.monotonicMs())
    },
    tick() {
      const nowMs = clock.monotonicMs()
      for (const [name, entry] of held) {
        runContained(given, 'timer', () => {
          entry.document.tick(nowMs)
          entry.followers.tick(nowMs)
          letGoWhenIdle(name, entry, nowMs)
        })
      }
    },
    fail(cause) {
      if (failure !== undefined) return
      failure = cause
      for (const { document } of held.values()) document.fail(cause)
    },
    get unsaved() {
      return unsaved()
    },
    get waiting() {
      let sum = 0
      for (const { document } of held.values()) sum += document.waiting
      return sum
    },
    unsavedNames: () =>
      [...held].filter(([, { document }]) => document.unsaved > 0).map(([name]) => name),
    get failing() {
      let count = 0
      for (const { document, unreadable } of held.values())
        if (document.failing || unreadable) count += 1
      return count
    },
    get size() {
      return held.size
    },
    idle: () =>
      unsaved() === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve)),
    stop() {
      stopped = true
      following.stop()
    },
  }
}
