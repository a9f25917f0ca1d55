import { setImmediate as nextTurn } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type Channel, type Client, ClientError, connect } from '../../src/client/index.ts'
import type { WebSocketConstructor } from '../../src/client/web-socket.ts'
import type {
  Attempt,
  AttemptOutcome,
  Subscription,
  SubscriptionStep,
} from '../../src/testing/index.ts'
import { until } from './until.ts'

/** Limits under which traffic is not held back: what is tested is not the rate. */
export const openLimits =
  'commandsPerSecond: 1e6, commandsBurst: 1e6, publishesPerSecond: 1e6, publishesBurst: 1e6'

/** Clients that publish into channels and listen to them, over whatever happens to the server, and what they saw. */
export interface Traffic {
  readonly attempts: readonly Attempt[]
  /** Publishes that were acknowledged. */
  readonly acknowledged: number
  /** Resolves when every client is in every channel. */
  readonly joined: Promise<void>
  /** Begins no further publish; resolves when each one has its outcome. */
  settle(): Promise<void>
  /** What the clients were given; with the offsets that they must have come to. */
  subscriptions(heads: ReadonlyMap<string, number>): readonly Subscription[]
  /** Waits until every client has come to these offsets. */
  caughtUp(heads: ReadonlyMap<string, number>): Promise<void>
}

interface Listening {
  readonly name: string
  readonly channel: Channel
  readonly steps: SubscriptionStep[]
}

interface TrafficOptions {
  readonly url: string
  readonly channels: readonly string[]
  readonly clients: number
  /** Publishes of one client in one channel that may wait at once. */
  readonly window: number
}

export function startTraffic({ url, channels, clients, window }: TrafficOptions): Traffic {
  const attempts: Attempt[] = []
  const listening: Listening[] = []
  const publishing: Promise<void>[] = []
  let acknowledged = 0
  let running = true

  for (let index = 0; index < clients; index += 1) {
    const client = openClient(url, `user-${index}`, window)
    for (const name of channels) {
      const channel = client.channel(name)
      listening.push(listen(channel, `user-${index}`))
      for (let lane = 0; lane < window; lane += 1) {
        publishing.push(publishOn(channel, `${name}.${index}.${lane}`))
      }
    }
  }

  async function publishOn(channel: Channel, lane: string): Promise<void> {
    await until('a channel is joined', () => channel.getSnapshot().state === 'joined')
    for (let count = 0; running; count += 1) {
      const id = `${lane}.${count}`
      const invokedMs = performance.now()
      const outcome = await outcomeOf(channel.publish({ kind: 'say', text: id }, { id }))
      attempts.push({ channel: channel.name, id, invokedMs, outcome })
      if (outcome.kind === 'ok') acknowledged += 1
      // A client that publishes at once from within each reply would starve its own reading.
      await nextTurn()
    }
  }

  const joined = until('all clients are in all channels', () =>
    listening.every(({ steps }) => steps.length > 0),
  )
  return {
    attempts,
    joined,
    get acknowledged() {
      return acknowledged
    },
    async settle() {
      running = false
      await Promise.all(publishing)
    },
    subscriptions: (heads) =>
      listening.map(({ name, channel, steps }) => {
        const through = heads.get(channel.name)
        return { name, channel: channel.name, steps, ...(through === undefined ? {} : { through }) }
      }),
    async caughtUp(heads) {
      await until('all clients have come to the head', () =>
        listening.every(({ channel }) => {
          const { position, state } = channel.getSnapshot()
          return state === 'joined' && position?.offset === heads.get(channel.name)
        }),
      )
    },
  }
}

/** A client that comes back as soon as it may. */
export function openClient(url: string, id: string, inFlightMax = 1): Client {
  const client = connect(url, {
    user: { id },
    inFlightMax,
    random: () => 0,
    // The same interface, with wider types of events.
    webSocket: WebSocket as unknown as WebSocketConstructor,
  })
  onTestFinished(() => client.close())
  return client
}

function listen(channel: Channel, name: string): Listening {
  const steps: SubscriptionStep[] = []
  channel.subscribe(() => {
    const { position } = channel.getSnapshot()
    if (steps.length === 0 && position !== undefined) begin(position.offset)
  })
  channel.on('event', ({ offset, id }) => {
    if (steps.length === 0) begin(offset - 1)
    steps.push({ kind: 'event', offset, id })
  })
  channel.on('gap', ({ from, to }) => void steps.push({ kind: 'gap', from, to }))

  function begin(after: number): void {
    steps.push({ kind: 'start', after })
  }
  return { name, channel, steps }
}

async function outcomeOf(
  published: Promise<{ readonly position?: { readonly offset: number } }>,
): Promise<AttemptOutcome> {
  try {
    const { position } = await published
    if (position === undefined) throw new Error('a chat message has a position')
    return { kind: 'ok', offset: position.offset, atMs: performance.now() }
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    const open = ['OUTCOME_UNKNOWN', 'DISCONNECTED', 'TIMEOUT', 'CLOSED'].includes(error.code)
    return { kind: open ? 'unknown' : 'refused' }
  }
}
