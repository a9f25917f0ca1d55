import type { ChildProcess } from 'node:child_process'
import { createServer as createNetServer } from 'node:net'
import { setPriority } from 'node:os'
import type { Duplex } from 'node:stream'
import { type Durability, RusherError, refuse } from '../../protocol/index.ts'
import type { Core } from '../core/core.ts'
import { listenError } from '../http/http-listener.ts'
import type { Answer, LoadLevel, ToCore, ToEdge } from '../link/link.ts'
import { createProcessLinkEnd, type ProcessLinkEnd } from '../link/process-link.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Clock } from '../runtime/clock.ts'
import { contain, reportFault } from '../runtime/containment.ts'
import { chooseListeners } from './choose-listeners.ts'
import {
  createCoalescedRunner,
  type Rolled,
  type RollingEdge,
  type RollOptions,
  rollEdges,
} from './rolling-restart.ts'

export interface EdgeProcessesOptions {
  readonly count: number
  readonly launch: (index: number) => ChildProcess
  /** Bytes of large document frames that may be queued on the link to one edge. */
  readonly largeBytesMax: number
  /** How many that have room listen at a time, where there are more. */
  readonly listenersMax: number
  readonly core: Core
  readonly durability: Durability
  readonly metrics: Metrics
  readonly log: Log
  readonly clock: Clock
}

/**
 * Edge processes that share one listening port. The kernel hands each connection to one of those that listen, so no process of ours stands
 * in the way of an accept. Where there are many, some stand by until those that listen are filling. One that dies takes its own connections with
 * it and is started again; its clients resume on the others.
 */
export interface EdgeProcesses {
  /** Starts all of them; resolves to the port when each listens, or stands by. */
  start(address: { readonly port: number; readonly host: string }): Promise<number>
  /** Sessions on all edges, as they last said. */
  readonly sessions: number
  /** Replaces every edge by a new one. A call during a roll is one more after it, which all share who ask meanwhile. */
  roll(options: RollOptions): Promise<Rolled>
  drain(spreadMs: number): Promise<void>
  stop(): number
}

interface Address {
  readonly port: number
  readonly host: string
}

/** How long metrics wait for an edge that does not answer, in milliseconds. */
const measureMs = 1_000
/**
 * An edge reports every second; after this long without a report it counts as silent, in
 * milliseconds.
 */
const silentMs = 5_000
/** How long a dead edge is left before it is started again, in milliseconds: longer where it died young. */
const restartMs = { usual: 100, young: 2_000 } as const
/** The age below which an edge died young, in milliseconds. */
const youngMs = 5_000

interface Running {
  readonly link: ProcessLinkEnd<ToEdge>
  readonly child: ChildProcess
  readonly drained: PromiseWithResolvers<void>
  /** Only edges of the server's generation are started again: those of a roll are not yet, and those it replaced no longer. */
  readonly generation: number
  /** What `chooseListeners` goes by. */
  told: boolean
  listens: boolean
  fullness: LoadLevel
  sessions: number
  heardMs: number
}

interface Launch {
  readonly index: number
  readonly address: Address
  readonly generation: number
}

export function createEdgeProcesses(options: EdgeProcessesOptions): EdgeProcesses {
  const { core, log, clock } = options
  const running = new Set<Running>()
  const measuring = createMeasuring(options.metrics, running)
  let stopping = false
  let address: Address | undefined
  let generation = 0
  let generationsMade = 0

  const edgesOf = (of: number): Running[] => [...running].filter((one) => one.generation === of)

  /** Has other edges of a generation listen, where those that do are filling or gone. */
  function relieve(of: number): void {
    if (stopping || of < generation) return
    const { open, rest } = chooseListeners(edgesOf(of), options.listenersMax)
    for (const edge of open) {
      edge.told = true
      edge.link.send({ kind: 'open' })
    }
    for (const edge of rest) {
      edge.told = false
      edge.listens = false
      edge.link.send({ kind: 'rest' })
    }
    if (open.length > 0) log.info({ edges: open.length }, 'edges that stood by begin to listen')
  }

  /** Starts one edge; resolves when it listens, or stands by. */
  function launch(of: Launch): Promise<Running> {
    const { index, address } = of
    const listening = Promise.withResolvers<Running>()
    const child = options.launch(index)
    child.on('error', (cause) =>
      log.error({ edge: index, err: cause }, 'an edge could not be launched'),
    )
    // Among very many edges the core would get no more time than each of them, and all wait for it.
    if (options.count > manyAbreast * options.listenersMax) giveWay(child.pid)
    // Where the system has no descriptor left, a child comes without any.
    const pipe = (child.stdio as ChildProcess['stdio'] | undefined)?.[3]
    if (pipe === undefined || pipe === null) {
      throw new RusherError('EDGE_FAILED', 'an edge process could not be launched')
    }
    const startedMs = clock.monotonicMs()
    const attached = core.attach(
      { send: (message) => edge.link.send(message) },
      () => clock.monotonicMs() - edge.heardMs > silentMs,
    )
    const edge: Running = {
      child,
      generation: of.generation,
      told: edgesOf(of.generation).filter(({ told }) => told).length < options.listenersMax,
      listens: false,
      fullness: 'room',
      sessions: 0,
      // An edge that is still starting is not silent.
      heardMs: Number.POSITIVE_INFINITY,
      drained: Promise.withResolvers(),
      link: createProcessLinkEnd<ToEdge, ToCore>(pipe as Duplex, {
        receive,
        ended,
        unsent,
        failed: (error) => reportFault(options, 'link', error),
        largeBytesMax: options.largeBytesMax,
      }),
    }
    running.add(edge)
    const standsBy = !edge.told
    edge.link.send({ kind: 'listen', ...address, durability: options.durability, standsBy })

    function receive(message: ToCore): void {
      edge.heardMs = clock.monotonicMs()
      switch (message.kind) {
        case 'listening':
          edge.listens = edge.told
          relieve(of.generation)
          return listening.resolve(edge)
        case 'standing-by':
          relieve(of.generation)
          return listening.resolve(edge)
        case 'failed':
          listening.reject(new RusherError(message.code, message.message))
          // Its link ends with it, which is what starts it again.
          return void child.kill('SIGKILL')
        case 'holds':
          edge.sessions = message.sessions
          return
        case 'measured':
          return measuring.take(message.call, message.metrics)
        case 'fullness':
          edge.fullness = message.fullness
          return relieve(of.generation)
        case 'drained':
          // What it last said it held is older than this, and would be counted as cut off.
          edge.sessions = 0
          return edge.drained.resolve()
        case 'metrics':
          return contain(
            options,
            'call',
            measuring.collect().then((text) =>
              edge.link.send({
                kind: 'answer',
                call: message.call,
                answer: { kind: 'metrics', text },
              }),
            ),
          )
        default:
          return attached.receive(message)
      }
    }

    /** Answers a call with a refusal when its answer cannot be encoded. */
    function unsent(message: ToEdge): void {
      if (message.kind === 'answer') {
        const answer: Answer = { kind: 'refused', refusal: refuse('OUTCOME_UNKNOWN') }
        return edge.link.send({ kind: 'answer', call: message.call, answer })
      }
      const { kind } = message.kind === 'document' ? message.message : message
      // Losing these would leave the edge with an undetected gap. Its clients resume on another
      // edge.
      if (kind === 'events' || kind === 'updates') edge.link.end()
    }

    function ended(cause: RusherError | undefined): void {
      running.delete(edge)
      attached.detach()
      edge.drained.resolve()
      child.kill('SIGKILL')
      listening.reject(new RusherError('EDGE_FAILED', `edge ${index} ended before it listened`))
      relieve(of.generation)
      if (stopping || of.generation !== generation) return
      const livedMs = clock.monotonicMs() - startedMs
      log.error(
        { edge: index, err: cause },
        'an edge ended; its clients resume elsewhere, and it is started again',
      )
      restart(of, livedMs < youngMs ? restartMs.young : restartMs.usual)
    }
    return listening.promise
  }

  function restart(of: Launch, afterMs: number): void {
    setTimeout(() => {
      if (stopping || of.generation !== generation) return
      const report = (error: unknown): void =>
        log.error({ edge: of.index, err: error }, 'an edge did not start')
      try {
        launch(of).catch(report)
      } catch (error) {
        // The system could not even make a process: it may be able to later.
        report(error)
        restart(of, restartMs.young)
      }
    }, afterMs)
  }

  function rollingEdge(edge: Running): RollingEdge {
    return {
      pid: edge.child.pid ?? 0,
      get sessions() {
        return edge.sessions
      },
      get running() {
        return running.has(edge)
      },
      drain(spreadMs) {
        edge.link.send({ kind: 'drain', spreadMs })
        return edge.drained.promise
      },
      end: () => edge.link.end(),
    }
  }

  const roll = createCoalescedRunner(async (asked: RollOptions): Promise<Rolled> => {
    const at = address
    if (stopping || at === undefined) return { kind: 'stopped' }
    generationsMade += 1
    const next = generationsMade
    return rollEdges(
      {
        count: options.count,
        start: async (index) => rollingEdge(await launch({ index, address: at, generation: next })),
        adopt() {
          generation = next
          // One that died meanwhile was perhaps started again: it is an old one, too.
          return [...running].filter((edge) => edge.generation !== next).map(rollingEdge)
        },
        stopping: () => stopping,
        pause: (ms) => new Promise((resolve) => void setTimeout(resolve, ms).unref()),
        monotonicMs: clock.monotonicMs,
      },
      asked,
    )
  })

  return {
    roll,
    async start({ port, host }) {
      const free = await findPort(port, host)
      const at = { port: free, host }
      address = at
      const starts = Array.from({ length: options.count }, (_, index) =>
        launch({ index, address: at, generation }),
      )
      try {
        await Promise.all(starts)
      } catch (error) {
        stopping = true
        for (const { child } of running) child.kill('SIGKILL')
        await Promise.allSettled(starts)
        throw error
      }
      return free
    },
    get sessions() {
      let sum = 0
      for (const { sessions } of running) sum += sessions
      return sum
    },
    async drain(spreadMs) {
      stopping = true
      for (const { link } of running) link.send({ kind: 'drain', spreadMs })
      await Promise.all([...running].map(({ drained }) => drained.promise))
    },
    stop() {
      stopping = true
      let cutOff = 0
      for (const { link, sessions } of running) {
        cutOff += sessions
        link.end()
      }
      return cutOff
    },
  }
}

/**
 * So many edges a processor are very many. With fewer the core has time enough, and edges that give way write less at a time: clients on
 * the same machine then read it piece by piece.
 */
const manyAbreast = 8
/** nice(2) of edges that give way: they have a tenth of the weight of the core then, for those moments in which both want to run. */
const niceness = 10

function giveWay(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    setPriority(pid, niceness)
  } catch (error) {
    // It has ended already, or the system does not know of it. Its link tells the first.
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}

/** Gathers the metrics of all processes; one that does not answer in time is left out. */
function createMeasuring(
  own: Metrics,
  running: ReadonlySet<Running>,
): { collect(): Promise<string>; take(call: number, metrics: readonly object[]): void } {
  const asked = new Map<
    number,
    { readonly parts: (readonly object[])[]; missing: number; readonly done: () => void }
  >()
  let calls = 0

  return {
    async collect() {
      calls += 1
      const call = calls
      const { promise, resolve } = Promise.withResolvers<void>()
      const asking = { parts: [await own.collect()], missing: running.size, done: resolve }
      asked.set(call, asking)
      for (const { link } of running) link.send({ kind: 'measure', call })
      const timer = setTimeout(resolve, measureMs)
      if (running.size > 0) await promise
      clearTimeout(timer)
      asked.delete(call)
      return own.merge(asking.parts)
    },
    take(call, metrics) {
      const asking = asked.get(call)
      if (asking === undefined) return
      asking.parts.push(metrics)
      asking.missing -= 1
      if (asking.missing === 0) asking.done()
    },
  }
}

/**
 * The port that the edges will share. They listen in a way in which several can, so a server that is there already must be found
 * out here, by listening once in the way in which only one can.
 */
function findPort(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createNetServer()
    probe.once('error', (cause: NodeJS.ErrnoException) =>
      reject(listenError(cause, { port, host, reusePort: false })),
    )
    probe.listen({ port, host }, () => {
      const address = probe.address()
      const free = typeof address === 'object' && address !== null ? address.port : port
      probe.close(() => resolve(free))
    })
  })
}
