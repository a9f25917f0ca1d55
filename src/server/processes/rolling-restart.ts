import { RusherError } from '../../protocol/index.ts'

/** An edge process as a roll sees it. */
export interface RollingEdge {
  readonly pid: number
  /** Sessions it holds, as it last said. */
  readonly sessions: number
  readonly running: boolean
  /** Takes no new connection, and sends its sessions away over so many milliseconds; resolves when the last is gone, or the edge is. */
  drain(spreadMs: number): Promise<void>
  /** Ends it, whoever is still there. */
  end(): void
}

/** What a roll does with edges; who they are is the affair of `edge-processes.ts`. */
export interface RollingContext {
  /** How many edges there shall be. */
  readonly count: number
  /** Starts one more; resolves when it listens. Rejects with a RusherError when it does not. */
  start(index: number): Promise<RollingEdge>
  /**
   * From now on the new ones are the server's edges: they are started again when they die, and the old ones are not. Returns the
   * old ones that are there.
   */
  adopt(): readonly RollingEdge[]
  /** The whole server is ending. */
  stopping(): boolean
  /** Resolves after `ms` milliseconds. */
  pause(ms: number): Promise<void>
  monotonicMs(): number
}

export interface RollOptions {
  /** Time over which the sessions of one edge are told to come back, in milliseconds; times the edges for all of them. */
  readonly spreadMs?: number
  readonly progress?: (step: RollStep) => void
}

export type RollStep =
  /** So many of the new edges listen. */
  | {
      readonly kind: 'started'
      readonly edge: number
      readonly edges: number
      readonly pid: number
    }
  /** All of them do, and the old ones have begun to send their sessions away. */
  | {
      readonly kind: 'draining'
      readonly edges: number
      readonly sessions: number
      readonly spreadMs: number
    }

export type Rolled =
  | {
      readonly kind: 'rolled'
      readonly pids: readonly number[]
      readonly tookMs: number
      /** Sessions that were still there at the deadline. */
      readonly cutOff: number
    }
  /** A new edge did not start. The old ones stay, and nobody was sent away by them. */
  | { readonly kind: 'failed'; readonly error: RusherError }
  /** The server ended meanwhile. */
  | { readonly kind: 'stopped' }

const spreadDefaultMs = 5_000
/** After the spread, how long old edges wait for sessions that do not go. */
const lateMs = 10_000

/**
 * Replaces all edges. The new ones start one after another, beside the old ones; when all of them listen, the old ones close their
 * listeners and send their sessions away. So each session moves once, and to a new edge: were an edge replaced at a time, its sessions
 * would also come to those that are next, move again, and make the last of k edges hold (1 + 1/k)^(k-1) times the mean, up to 2.7.
 * And a start that fails has disturbed nobody.
 */
export async function rollEdges(parts: RollingContext, options: RollOptions): Promise<Rolled> {
  const { count } = parts
  const { spreadMs = spreadDefaultMs, progress = () => undefined } = options
  const beganMs = parts.monotonicMs()
  const fresh: RollingEdge[] = []
  try {
    for (let index = 0; index < count; index += 1) {
      const edge = await parts.start(index)
      fresh.push(edge)
      if (parts.stopping()) return { kind: 'stopped' }
      progress({ kind: 'started', edge: index + 1, edges: count, pid: edge.pid })
    }
    if (fresh.some(({ running }) => !running))
      throw new RusherError('EDGE_FAILED', 'a new edge ended while others were started')
  } catch (error) {
    if (parts.stopping()) return { kind: 'stopped' }
    await sendAway(parts, fresh, spreadMs)
    if (error instanceof RusherError) return { kind: 'failed', error }
    const cause = new RusherError('EDGE_FAILED', 'a new edge could not be started', {
      cause: error,
    })
    return { kind: 'failed', error: cause }
  }

  const old = parts.adopt()
  const allMs = spreadMs * count
  const sessions = old.reduce((sum, edge) => sum + edge.sessions, 0)
  progress({ kind: 'draining', edges: old.length, sessions, spreadMs: allMs })
  const cutOff = await sendAway(parts, old, allMs)
  if (parts.stopping()) return { kind: 'stopped' }
  const tookMs = Math.round(parts.monotonicMs() - beganMs)
  return { kind: 'rolled', pids: fresh.map(({ pid }) => pid), tookMs, cutOff }
}

/** Drains edges and ends each when it is empty, or all at the deadline. Resolves to how many sessions were cut off. */
async function sendAway(
  parts: Pick<RollingContext, 'pause' | 'stopping'>,
  edges: readonly RollingEdge[],
  spreadMs: number,
): Promise<number> {
  // Those that the server's own end drains are ended by it.
  const end = (edge: RollingEdge): void => {
    if (!parts.stopping()) edge.end()
  }
  const drained = edges.map((edge) => edge.drain(spreadMs).then(() => end(edge)))
  await Promise.race([Promise.all(drained), parts.pause(spreadMs + lateMs)])
  const late = edges.filter(({ running }) => running)
  const cutOff = late.reduce((sum, { sessions }) => sum + sessions, 0)
  for (const edge of late) end(edge)
  return cutOff
}

/**
 * Runs one round at a time. Whoever asks during a round gets the next one, which all share who asked meanwhile: what they want to take
 * effect may have changed after the round had begun.
 */
export function createCoalescedRunner<Options, Result>(
  run: (options: Options) => Promise<Result>,
): (options: Options) => Promise<Result> {
  let current: Promise<Result> | undefined
  let next: Promise<Result> | undefined

  function begin(options: Options): Promise<Result> {
    const round = run(options).finally(() => {
      if (current === round) current = undefined
    })
    current = round
    return round
  }

  return (options) => {
    if (current === undefined && next === undefined) return begin(options)
    const again = (): Promise<Result> => {
      next = undefined
      return begin(options)
    }
    next ??= (current ?? Promise.resolve()).then(again, again)
    return next
  }
}
