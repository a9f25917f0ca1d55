import type { Counters, HistoryPart } from '../control/messages.ts'
import type { Joined } from '../dialect/dialect.ts'
import { createStories, type Point, type Stories, stepsTo } from './stories.ts'

type Attempt = HistoryPart['attempts'][number]

/** Entries that a worker keeps for the checker; beyond it only counts remain, and the verdict says so. */
const entriesMax = 400_000
/** Subscriptions in one message. */
const partSubscriptions = 200

interface Counted {
  readonly publisher: string
  last: number
  readonly holes: Set<number>
}

/** Sees what happens to publishes and to subscribers, and keeps it for the checker. Each delivery is also checked at once. */
export interface Witness {
  invoked(attempt: Attempt): void
  joined(session: number, joined: Joined): void
  delivered(session: number, channel: string, offset: number, id: string | undefined): void
  gap(session: number, channel: string, from: number, to: number): void
  /** A message of a publisher came that counts its own; for servers that number nothing. */
  counted(session: number, publisher: string, count: number): void
  /** Messages of such publishers that are counted as missing, since later ones came. */
  holes(isOf: (publisher: string) => boolean): number
  since(session: number, channel: string): { epoch: string; offset: number } | undefined
  /** What was found since the last call. */
  takeFaults(): Pick<Counters, 'disordered' | 'duplicated' | 'missing'>
  /** False when there was more than is kept. */
  readonly whole: boolean
  /** `isLive`: sessions that were there at the end must have come to the end of the log. */
  parts(isLive: (session: number) => boolean): Generator<HistoryPart>
}

export function createWitness(): Witness {
  const attempts: Attempt[] = []
  const channels = new Map<string, Stories>()
  const counts = new Map<string, Counted>()
  let entries = 0
  let whole = true
  let faults = { disordered: 0, duplicated: 0, missing: 0 }

  const admit = (): boolean => {
    if (entries >= entriesMax) whole = false
    else entries += 1
    return whole
  }

  return {
    get whole() {
      return whole
    },
    invoked(attempt) {
      if (admit()) attempts.push(attempt)
    },
    joined(session, { channel, epoch, offset, recovered, gap }) {
      const stories = channels.get(channel) ?? createStories(admit)
      channels.set(channel, stories)
      const known = stories.at(session)
      if (known === undefined) return stories.start(session, epoch, offset)
      const step = { kind: 'resume', after: known.last } as const
      if (recovered) return stories.go(session, known, step, known)
      if (gap !== undefined && epoch === known.epoch) {
        stories.go(session, known, step, known)
        const { from, to } = gap
        const now = stories.at(session) ?? known
        return stories.go(session, now, { kind: 'gap', from, to }, { epoch, last: to })
      }
      // Another log, or one that forgot where we were: everything acknowledged in it is gone.
      faults.missing += Math.max(1, offset - known.last)
      stories.go(session, known, step, { epoch, last: offset })
    },
    delivered(session, channel, offset, id) {
      const stories = channels.get(channel)
      const known = stories?.at(session)
      if (stories === undefined || known === undefined) return
      const { epoch, last } = known
      if (offset <= last) faults.duplicated += 1
      else faults.missing += offset - last - 1
      const step = { kind: 'event', offset, ...(id === undefined ? {} : { id }) } as const
      stories.go(session, known, step, { epoch, last: Math.max(last, offset) })
    },
    gap(session, channel, from, to) {
      const stories = channels.get(channel)
      const known = stories?.at(session)
      if (stories === undefined || known === undefined) return
      const { epoch, last } = known
      stories.go(session, known, { kind: 'gap', from, to }, { epoch, last: Math.max(last, to) })
    },
    counted(session, publisher, count) {
      const key = `${session}:${publisher}`
      const known = counts.get(key)
      if (known === undefined) {
        counts.set(key, { publisher, last: count, holes: new Set() })
        return
      }
      if (known.holes.delete(count)) {
        faults.disordered += 1
        faults.missing -= 1
      } else if (count <= known.last) faults.duplicated += 1
      else {
        for (let hole = known.last + 1; hole < count; hole += 1) known.holes.add(hole)
        faults.missing += count - known.last - 1
        known.last = count
      }
    },
    holes(isOf) {
      let sum = 0
      for (const { publisher, holes } of counts.values()) if (isOf(publisher)) sum += holes.size
      return sum
    },
    since(session, channel) {
      const point = channels.get(channel)?.at(session)
      return point && { epoch: point.epoch, offset: point.last }
    },
    takeFaults() {
      const taken = faults
      faults = { disordered: 0, duplicated: 0, missing: 0 }
      return taken
    },
    *parts(isLive) {
      const each = 2_000
      for (let at = 0; at < attempts.length; at += each)
        yield { attempts: attempts.slice(at, at + each), subscriptions: [], ends: [] }
      const all = [...channels].flatMap(([channel, stories]) => groups(channel, stories, isLive))
      for (let at = 0; at < all.length; at += partSubscriptions) {
        const some = all.slice(at, at + partSubscriptions)
        yield {
          attempts: [],
          subscriptions: some.flatMap(({ about, point }) => {
            const steps = stepsTo(point)
            return steps === undefined ? [] : [{ ...about, steps }]
          }),
          ends: some.map(({ about, point, live }) => ({ ...about, last: point.last, live })),
        }
      }
    },
  }
}

/** Sessions that were given the same, and of which all or none are still there. */
interface Group {
  readonly about: { readonly name: string; readonly channel: string; readonly others?: number }
  readonly point: Point
  readonly live: boolean
}

function groups(
  channel: string,
  { all }: Stories,
  isLive: (session: number) => boolean,
): readonly Group[] {
  const sessions = { live: new Map<Point, number[]>(), gone: new Map<Point, number[]>() }
  for (const [session, point] of all) {
    const those = sessions[isLive(session) ? 'live' : 'gone']
    const together = those.get(point) ?? []
    those.set(point, together)
    together.push(session)
  }
  return (['live', 'gone'] as const).flatMap((kind) =>
    [...sessions[kind]].map(([point, [first, ...others]]) => {
      const about = { name: `session ${first}`, channel }
      const isAlone = others.length === 0
      return {
        about: isAlone ? about : { ...about, others: others.length },
        point,
        live: kind === 'live',
      }
    }),
  )
}
