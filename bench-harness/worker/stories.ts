import type { HistoryPart } from '../control/messages.ts'

export type Step = HistoryPart['subscriptions'][number]['steps'][number]

/**
 * How far somebody has come in a channel, and by which steps. Those who were given the same share it, so that a room's event is kept once
 * and not once a member: a session costs an entry of a map in each of its channels.
 */
export interface Point {
  readonly epoch: string
  readonly last: number
  /** How it was come to; absent when there was no room left to keep it, and then the steps before are not known either. */
  readonly step: Step | undefined
  readonly before: Point | undefined
  /** Where somebody went from here. */
  after: Point[] | undefined
}

/** All that the sessions of a worker were given in one channel. */
export interface Stories {
  at(session: number): Point | undefined
  start(session: number, epoch: string, offset: number): void
  /** It goes on by a step, to a place in the same log or another. */
  go(session: number, from: Point, step: Step, to: Pick<Point, 'epoch' | 'last'>): void
  readonly all: ReadonlyMap<number, Point>
}

/** `admit` is asked before a step is kept, and says whether there is room for it. */
export function createStories(admit: () => boolean): Stories {
  const points = new Map<number, Point>()
  const starts = new Map<string, Point>()

  function made(before: Point | undefined, step: Step, epoch: string, last: number): Point {
    const kept = admit()
    return {
      epoch,
      last,
      step: kept ? step : undefined,
      before: kept ? before : undefined,
      after: undefined,
    }
  }

  return {
    all: points,
    at: (session) => points.get(session),
    start(session, epoch, offset) {
      const key = `${offset} ${epoch}`
      const start =
        starts.get(key) ?? made(undefined, { kind: 'start', after: offset }, epoch, offset)
      starts.set(key, start)
      points.set(session, start)
    },
    go(session, from, step, { epoch, last }) {
      const known = from.after?.find(
        (next) => next.last === last && next.epoch === epoch && isSame(next.step ?? step, step),
      )
      const next = known ?? made(from, step, epoch, last)
      if (known === undefined) {
        from.after ??= []
        from.after.push(next)
      }
      points.set(session, next)
    },
  }
}

/** The steps that lead to a point; undefined when not all of them were kept. */
export function stepsTo(point: Point): readonly Step[] | undefined {
  const steps: Step[] = []
  for (let at: Point | undefined = point; at !== undefined; at = at.before) {
    if (at.step === undefined) return undefined
    steps.push(at.step)
  }
  return steps.reverse()
}

function isSame(a: Step, b: Step): boolean {
  switch (a.kind) {
    case 'start':
    case 'resume':
      return a.kind === b.kind && a.after === b.after
    case 'event':
      return b.kind === 'event' && a.offset === b.offset && a.id === b.id
    case 'gap':
      return b.kind === 'gap' && a.from === b.from && a.to === b.to
    default:
      return a satisfies never
  }
}
