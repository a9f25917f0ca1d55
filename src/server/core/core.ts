import { type Json, refuse, type User } from '../../protocol/index.ts'
import type { EdgeEnd } from '../link/edge-end.ts'
import type { Answer, AppCall, Port, ToCore, ToEdge } from '../link/link.ts'
import { refusalOfCall } from '../link/refusal-of-call.ts'
import { contain, reportFault, runContained } from '../runtime/containment.ts'
import { createEventLoopStall } from '../runtime/event-loop-stall.ts'
import type { Channel } from './channels/channel.ts'
import { coreLimits } from './channels/channel-limits.ts'
import { type ChannelRegistry, createChannelRegistry } from './channels/channel-registry.ts'
import { createJoinHandler } from './channels/join.ts'
import { retain } from './channels/retention.ts'
import type { CoreOptions } from './core-options.ts'
import { createDocuments, type Documents } from './documents/documents.ts'
import { asRusherError, createAppender } from './log/appender.ts'
import { createReadiness } from './readiness.ts'

/** What the server itself publishes, for the app that embeds it. */
export interface OwnPublish {
  readonly channel: string
  readonly body: Json
  readonly id?: string
  readonly user?: User
}

/** The side that holds channels: order, storage, presence. It knows edges, and no connection. */
export interface Core {
  /**
   * Attaches an edge and returns the handler of its messages. `isSilent` tells whether it missed
   * its heartbeats.
   */
  attach(
    port: Port<ToEdge>,
    isSilent?: () => boolean,
  ): { receive(message: ToCore): void; detach(): void }
  publish(own: OwnPublish): Promise<Answer>
  /** Has every edge look again at who may do what in documents. */
  recheck(): void
  /** Publishes and updates of documents whose outcome is not known yet. */
  readonly pending: number
  readonly channels: number
  readonly documents: Pick<
    Documents,
    'size' | 'unsaved' | 'failing' | 'unsavedNames' | 'answer' | 'list' | 'follow' | 'sendStateless'
  >
  /** Takes nothing new; resolves when what was accepted has its outcome. */
  drain(): Promise<void>
  stop(): void
}

/** Messages that only a process of its own answers; the composition root takes them before the core. */
type ForChannels = Exclude<
  ToCore,
  {
    kind:
      | 'metrics'
      | 'measured'
      | 'holds'
      | 'listening'
      | 'standing-by'
      | 'failed'
      | 'fullness'
      | 'drained'
  }
>

const ownUser: User = { id: 'server' }

const noPresence = 'channels of this kind do not tell who is here'

export function createCore(options: CoreOptions): Core {
  const { storage, clock, limits } = options
  const dirty = new Set<Channel>()
  const edges = new Set<EdgeEnd>()
  let edgesMade = 0
  let draining = false

  const appender = createAppender({
    storage,
    queueMax: limits.appendQueueMax,
    settled: flush,
    failed(cause) {
      documents.fail(cause)
      options.failed(cause)
    },
    observe: options.metrics.appended,
    monotonicMs: clock.monotonicMs,
  })
  const registry = createChannelRegistry(options.apps, {
    ...options,
    appender,
    dirty: (channel) => dirty.add(channel),
  })
  const documents = createDocuments({ ...options, appender })
  void storage.failed?.then((cause) => documents.fail(cause))
  const join = createJoinHandler({
    registry,
    faults: options,
    attached: (edge) => edges.has(edge),
    reply,
  })
  const loop = createEventLoopStall(clock.monotonicMs(), coreLimits.tickMs)
  const readiness = createReadiness({
    loop,
    storage,
    clock,
    wait: (ms) => new Promise((resolve) => void setTimeout(resolve, ms).unref()),
    failingDocuments: () => documents.failing,
    stuckThreads: () => options.engine.stuck,
    silentEdges: () => [...edges].filter(({ isSilent }) => isSilent?.()).length,
  })
  const ticking = clock.every(coreLimits.tickMs, () => {
    loop.turn(clock.monotonicMs())
    runContained(options, 'timer', () => registry.tick(clock.monotonicMs()))
    runContained(options, 'timer', () => documents.tick())
  })
  const retaining = createRetaining(options, registry)

  function flush(): void {
    for (const channel of dirty) channel.flush()
    dirty.clear()
  }

  function receive(edge: EdgeEnd, message: ForChannels): void {
    switch (message.kind) {
      case 'command':
        return command(message, (answer) => {
          if (message.call !== 0) edge.port.send({ kind: 'answer', call: message.call, answer })
        })
      case 'join':
        return join(edge, message)
      case 'leave': {
        const { channels, userId, atOnce } = message
        for (const name of channels) registry.find(name)?.subscribers.leave(edge, userId, atOnce)
        return
      }
      case 'document':
        return documents.receive(edge, message.message)
      case 'ready':
        return contain(
          options,
          'link',
          readiness.look(draining).then((answer) => reply(edge, message.call, answer)),
        )
      default:
        return contain(
          options,
          'link',
          ask(edge, message).then((answer) => {
            if (answer !== undefined) reply(edge, message.call, answer)
          }),
        )
    }
  }

  /**
   * Handles an internal error in a message: answers its sender, if it waits, and continues with the
   * next one.
   */
  function fail(edge: EdgeEnd, message: ToCore, error: unknown): void {
    reportFault(options, 'link', error)
    const refusal = refusalOfCall(message, 'OUTCOME_UNKNOWN')
    if (refusal !== undefined) reply(edge, refusal.call, refusal.answer)
  }

  function reply(edge: EdgeEnd, call: number, answer: Answer): void {
    edge.port.send({ kind: 'answer', call, answer })
  }

  function command(call: AppCall, answer: (answer: Answer) => void): void {
    if (draining)
      return answer({ kind: 'refused', refusal: refuse('BUSY', 'the server restarts', 1_000) })
    const channel = registry.get(call.channel)
    if (channel === undefined)
      return answer({ kind: 'refused', refusal: registry.unserved(call.channel) })
    channel.command(call, answer)
  }

  type Asked = Exclude<ForChannels, { kind: 'command' | 'join' | 'leave' | 'document' | 'ready' }>

  async function ask(edge: EdgeEnd, message: Asked): Promise<Answer | undefined> {
    const channel = registry.get(message.channel)
    if (channel === undefined)
      return { kind: 'refused', refusal: registry.unserved(message.channel) }
    try {
      return await answerFrom(channel, edge, message)
    } catch (error) {
      const fault = asRusherError(error)
      options.log.error({ err: fault, channel: channel.name }, 'a read failed')
      return { kind: 'refused', refusal: refuse('STORAGE_UNAVAILABLE', undefined, 1_000) }
    }
  }

  /** Whatever tells a log's state is sent in the same turn in which the state is looked up: see `link.ts` on order. */
  async function answerFrom(
    channel: Channel,
    edge: EdgeEnd,
    message: Asked,
  ): Promise<Answer | undefined> {
    const log = await channel.opened
    const { subscribers } = channel
    switch (message.kind) {
      case 'read':
        await log.pageAfter(message.after, message.limit, (page) => {
          channel.flush()
          reply(edge, message.call, page)
        })
        return undefined
      case 'read-before':
        return log.pageBefore(message.before, message.limit)
      case 'look': {
        if (message.latest) await subscribers.loadLatest()
        const presence = message.presence ? subscribers.presence() : undefined
        return {
          kind: 'seen',
          ...(presence === undefined ? {} : { presence }),
          ...(message.latest ? { latest: subscribers.latest() } : {}),
        }
      }
      case 'track':
        return subscribers.track(message.userId, message.data)
          ? { kind: 'accepted' }
          : { kind: 'refused', refusal: refuse('NOT_FOUND', noPresence) }
      default:
        return message satisfies never
    }
  }

  return {
    attach(port, isSilent) {
      edgesMade += 1
      const edge: EdgeEnd = { id: edgesMade, port, ...(isSilent === undefined ? {} : { isSilent }) }
      edges.add(edge)
      return {
        receive(message) {
          try {
            receive(edge, message as ForChannels)
          } catch (error) {
            fail(edge, message, error)
          }
        },
        detach() {
          edges.delete(edge)
          for (const channel of registry.all()) channel.subscribers.dropEdge(edge)
          documents.dropEdge(edge)
        },
      }
    },
    publish: ({ channel, body, id, user = ownUser }) =>
      new Promise((resolve) => {
        command(
          {
            kind: 'command',
            call: 0,
            act: 'publish',
            channel,
            user,
            body,
            ...(id === undefined ? {} : { id }),
          },
          resolve,
        )
      }),
    get pending() {
      return appender.pending + documents.waiting
    },
    documents,
    recheck() {
      for (const { port } of edges) port.send({ kind: 'document', message: { kind: 'recheck' } })
    },
    get channels() {
      return registry.size
    },
    async drain() {
      draining = true
      await Promise.all([appender.idle(), documents.idle()])
    },
    stop() {
      documents.stop()
      ticking.stop()
      retaining.stop()
    },
  }
}

/** Cuts logs to what their apps keep: a few channels at a time, all of them in turn, open or not. */
function createRetaining(options: CoreOptions, registry: ChannelRegistry): { stop(): void } {
  const { storage, clock, log } = options
  let after = ''
  let busy = false

  async function cutSome(): Promise<void> {
    const names = await storage.channels(after, 100)
    after = names.at(-1) ?? ''
    for (const name of names) {
      const app = registry.appOf(name)
      const cut = app && (await retain(app, storage, name, clock.now()))
      if (cut !== undefined) registry.find(name)?.compacted(cut)
    }
  }

  const { named, plain } = options.apps
  if ([...named, plain].every((app) => app?.retention === undefined))
    return { stop: () => undefined }
  return clock.every(coreLimits.retentionEveryMs, () => {
    if (busy) return
    busy = true
    cutSome()
      .catch((error: unknown) =>
        log.warn({ err: error }, 'retention could not cut a log; it will be tried again'),
      )
      .finally(() => {
        busy = false
      })
  })
}
