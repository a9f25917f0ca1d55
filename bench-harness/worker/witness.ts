import type { Counters, HistoryPart } from '../control/messages.ts'
import type { Joined } from '../dialect/dialect.ts'

type Attempt = HistoryPart['attempts'][number]
type Step = HistoryPart['subscriptions'][number]['steps'][number]

/** Entries that a worker keeps for the checker; beyond it only counts remain, and the verdict says so. */
const entriesMax = 400_000

/** Where a session stands in a channel's log. */
interface Standing {
  readonly session: number
  readonly channel: string
  epoch: string
  last: number
  /** What it was given, for the checker; absent when there was no room left for it. */
  readonly steps: Step[] | undefined
}

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
  takeFaults(): Pick<Counters, 'disordered' | 'doubled' | 'missing'>
  /** False when there was more than is kept. */
  readonly whole: boolean
  /** `isLive`: sessions that were there at the end must have come to the end of the log. */
  parts(isLive: (session: number) => boolean): Generator<HistoryPart>
}

export function createWitness(): Witness {
  const attempts: Attempt[] = []
  const standings = new Map<number, Map<string, Standing>>()
  const counts = new Map<string, Counted>()
  let entries = 0
  let whole = true
  let faults = { disordered: 0, doubled: 0, missing: 0 }

  function keep(standing: Standing, step: Step): void {
    if (standing.steps === undefined) return
    if (entries >= entriesMax) {
      whole = false
      return
    }
    entries += 1
    standing.steps.push(step)
  }

  const standingOf = (session: number, channel: string): Standing | undefined =>
    standings.get(session)?.get(channel)

  return {
    get whole() {
      return whole
    },
    invoked(attempt) {
      if (entries >= entriesMax) whole = false
      else {
        entries += 1
        attempts.push(attempt)
      }
    },
    joined(session, { channel, epoch, offset, recovered, gap }) {
      const known = standingOf(session, channel)
      if (known === undefined) {
        const steps = entries < entriesMax ? [] : undefined
        const standing: Standing = { session, channel, epoch, last: offset, steps }
        const channels = standings.get(session) ?? new Map<string, Standing>()
        standings.set(session, channels.set(channel, standing))
        return keep(standing, { kind: 'start', after: offset })
      }
      if (recovered) return keep(known, { kind: 'resume', after: known.last })
      keep(known, { kind: 'resume', after: known.last })
      if (gap !== undefined && epoch === known.epoch) {
        keep(known, { kind: 'gap', from: gap.from, to: gap.to })
        known.last = gap.to
        return
      }
      // Another log, or one that forgot where we were: everything acknowledged in it is gone.
      faults.missing += Math.max(1, offset - known.last)
      known.epoch = epoch
      known.last = offset
    },
    delivered(session, channel, offset, id) {
      const standing = standingOf(session, channel)
      if (standing === undefined) return
      if (offset <= standing.last) faults.doubled += 1
      else {
        faults.missing += offset - standing.last - 1
        standing.last = offset
      }
      keep(standing, { kind: 'event', offset, ...(id === undefined ? {} : { id }) })
    },
    gap(session, channel, from, to) {
      const standing = standingOf(session, channel)
      if (standing === undefined) return
      standing.last = Math.max(standing.last, to)
      keep(standing, { kind: 'gap', from, to })
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
      } else if (count <= known.last) faults.doubled += 1
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
      const standing = standingOf(session, channel)
      return standing && { epoch: standing.epoch, offset: standing.last }
    },
    takeFaults() {
      const taken = faults
      faults = { disordered: 0, doubled: 0, missing: 0 }
      return taken
    },
    *parts(isLive) {
      const each = 2_000
      for (let at = 0; at < attempts.length; at += each)
        yield { attempts: attempts.slice(at, at + each), subscriptions: [], ends: [] }
      const all = [...standings.values()].flatMap((channels) => [...channels.values()])
      for (let at = 0; at < all.length; at += 200) {
        const some = all.slice(at, at + 200)
        yield {
          attempts: [],
          subscriptions: some.flatMap(({ session, channel, steps }) =>
            steps === undefined ? [] : [{ name: `session ${session}`, channel, steps }],
          ),
          ends: some.map(({ session, channel, last }) => ({
            name: `session ${session}`,
            channel,
            last,
            live: isLive(session),
          })),
        }
      }
    },
  }
}
