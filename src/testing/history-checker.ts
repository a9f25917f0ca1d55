import { type Attempt, foldAttempts, type Publish } from './history-attempts.ts'

export type { Attempt, AttemptOutcome } from './history-attempts.ts'

/** What a channel's log holds at the end. */
export interface LogHistory {
  readonly channel: string
  /** The oldest offset that retention left; 1 if absent. */
  readonly begin?: number
  /** In the order in which the log gave them. One without an id was erased, or was published by the server. */
  readonly events: readonly EventSeen[]
}

export interface EventSeen {
  readonly offset: number
  readonly id?: string | undefined
}

/** One subscriber of one channel: what it was given, in order. */
export interface Subscription {
  readonly name: string
  readonly channel: string
  readonly steps: readonly SubscriptionStep[]
  /** The last offset that it must have come to. Absent: it may have stopped anywhere. */
  readonly through?: number
}

export type SubscriptionStep =
  /** It begins, or begins anew, after an offset: nothing before it was promised. */
  | { readonly kind: 'start'; readonly after: number }
  /** It comes back and asks for what follows `after`. */
  | { readonly kind: 'resume'; readonly after: number }
  | ({ readonly kind: 'event' } & EventSeen)
  /** It was told that these never come, both ends included. */
  | { readonly kind: 'gap'; readonly from: number; readonly to: number }

export interface History {
  readonly logs: readonly LogHistory[]
  readonly attempts: readonly Attempt[]
  readonly subscriptions: readonly Subscription[]
}

export type HistoryFaultKind =
  /** Acknowledged, and not in the log. */
  | 'lost'
  /** Acknowledged at another offset than the log has it at. */
  | 'moved'
  /** One id at two offsets, or two ids acknowledged at one. */
  | 'doubled'
  /** Offsets of the log that do not go up by one. */
  | 'hole'
  /** Refused, and in the log all the same. */
  | 'refused yet present'
  /** In the log, and published by nobody. */
  | 'invented'
  /** Acknowledged before another was begun, and behind it in the log. */
  | 'order'
  /** A subscriber missed events, or did not come to the end. */
  | 'broken run'
  | 'delivered twice'
  /** A subscriber got another event than the log has there. */
  | 'wrong event'
  /** A subscriber was told that events are gone which the log has, or which it had already. */
  | 'false gap'

export interface HistoryFault {
  readonly kind: HistoryFaultKind
  readonly channel: string
  /** What was found, for a reader. */
  readonly text: string
}

/**
 * Holds what clients saw against what the log has, and names every difference. A server that keeps its promises gives none,
 * whatever was killed meanwhile. Ids must be unique within a channel over all publishers.
 *
 * The order of a log is explicit, so no search is needed: each event and attempt is looked at once, and attempts are sorted by time.
 */
export function checkHistory(history: History): readonly HistoryFault[] {
  const faults: HistoryFault[] = []
  const publishes = foldAttempts(history.attempts)
  const known = new Map<string, ReadonlyMap<number, string | undefined>>()
  const begins = new Map<string, number>()
  for (const log of history.logs) {
    const fault = faultIn(log.channel, faults)
    const ofChannel = publishes.get(log.channel) ?? new Map<string, Publish>()
    begins.set(log.channel, log.begin ?? 1)
    const positions = checkLog(log, fault)
    checkPublishes(log, ofChannel, positions, fault)
    checkOrder(ofChannel, positions, fault)
    known.set(log.channel, idsByOffset(log, ofChannel))
  }
  for (const channel of publishes.keys()) {
    if (!known.has(channel)) faultIn(channel, faults)('lost', 'the channel has no log at all')
  }
  for (const subscription of history.subscriptions) {
    const { channel } = subscription
    const ids = known.get(channel) ?? new Map<number, string | undefined>()
    checkSubscription(subscription, ids, begins.get(channel) ?? 1, faultIn(channel, faults))
  }
  return faults
}

type Report = (kind: HistoryFaultKind, text: string) => void

function faultIn(channel: string, faults: HistoryFault[]): Report {
  return (kind, text) => void faults.push({ kind, channel, text })
}

/** Offsets follow one another, and no id comes twice. Gives the offset of every id. */
function checkLog({ begin = 1, events }: LogHistory, fault: Report): ReadonlyMap<string, number> {
  const positions = new Map<string, number>()
  let expected = begin
  for (const { offset, id } of events) {
    if (offset !== expected) fault('hole', `offset ${expected} was expected, and ${offset} came`)
    expected = offset + 1
    if (id === undefined) continue
    const before = positions.get(id)
    if (before === undefined) positions.set(id, offset)
    else fault('doubled', `${id} is at ${before} and at ${offset}`)
  }
  return positions
}

function checkPublishes(
  { begin = 1, events }: LogHistory,
  publishes: ReadonlyMap<string, Publish>,
  positions: ReadonlyMap<string, number>,
  fault: Report,
): void {
  const acknowledged = new Map<number, string>()
  for (const [id, { offsets, state }] of publishes) {
    const at = positions.get(id)
    const [offset] = offsets
    if (offsets.size > 1) fault('doubled', `${id} was acknowledged at ${[...offsets].join(', ')}`)
    if (state === 'refused' && at !== undefined) {
      fault('refused yet present', `${id} was refused, and is at ${at}`)
    }
    if (offset === undefined) continue
    const other = acknowledged.get(offset)
    if (other !== undefined) fault('doubled', `${other} and ${id} were acknowledged at ${offset}`)
    acknowledged.set(offset, id)
    // What retention removed cannot be looked up any more.
    if (at === undefined && offset >= begin && !isErased(events, begin, offset)) {
      fault('lost', `${id} was acknowledged at ${offset}, and is not in the log`)
    }
    if (at !== undefined && at !== offset) {
      fault('moved', `${id} was acknowledged at ${offset}, and is at ${at}`)
    }
  }
  for (const [id, at] of positions) {
    if (!publishes.has(id)) fault('invented', `${id} is at ${at}, and nobody published it`)
  }
}

function isErased(events: readonly EventSeen[], begin: number, offset: number): boolean {
  const event = events[offset - begin]
  return event?.offset === offset && event.id === undefined
}

/** Real time: who was acknowledged before another began stands before it. Attempts of one id count as one publish. */
function checkOrder(
  publishes: ReadonlyMap<string, Publish>,
  positions: ReadonlyMap<string, number>,
  fault: Report,
): void {
  const placed = [...publishes].flatMap(([id, { invokedMs, okMs, offsets }]) => {
    const [offset = positions.get(id)] = offsets
    return offset === undefined ? [] : [{ id, offset, invokedMs, okMs }]
  })
  const begun = placed.toSorted((one, other) => one.invokedMs - other.invokedMs)
  const ended = placed
    .flatMap(({ id, offset, okMs }) => (okMs === undefined ? [] : [{ id, offset, okMs }]))
    .sort((one, other) => one.okMs - other.okMs)
  let next = 0
  let highest = { id: '', offset: 0 }
  for (const { id, offset, invokedMs } of begun) {
    for (let one = ended[next]; one !== undefined && one.okMs < invokedMs; one = ended[next]) {
      if (one.offset > highest.offset) highest = one
      next += 1
    }
    if (highest.offset > offset) {
      fault(
        'order',
        `${highest.id} was acknowledged at ${highest.offset} before ${id} was begun, which is at ${offset}`,
      )
    }
  }
}

/** Which id belongs at which offset: the log's word, and for what was trimmed the acknowledgement's. */
function idsByOffset(
  { events }: LogHistory,
  publishes: ReadonlyMap<string, Publish>,
): ReadonlyMap<number, string | undefined> {
  const ids = new Map<number, string | undefined>()
  for (const [id, { offsets }] of publishes) {
    for (const offset of offsets) ids.set(offset, id)
  }
  for (const { offset, id } of events) ids.set(offset, id ?? ids.get(offset))
  return ids
}

function checkSubscription(
  { name, steps, through }: Subscription,
  ids: ReadonlyMap<number, string | undefined>,
  begin: number,
  fault: Report,
): void {
  let position: number | undefined
  for (const step of steps) {
    switch (step.kind) {
      case 'start':
        position = step.after
        break
      case 'resume':
        if (position !== undefined && step.after !== position) {
          fault('broken run', `${name} had come to ${position}, and resumed after ${step.after}`)
        }
        position = step.after
        break
      case 'gap':
        position = takeGap(name, step, position, begin, fault)
        break
      case 'event':
        position = takeEvent(name, step, position, ids, fault)
        break
      default:
        step satisfies never
    }
  }
  if (through !== undefined && (position ?? 0) < through) {
    fault('broken run', `${name} came to ${position ?? 0}, and the log goes to ${through}`)
  }
}

function takeGap(
  name: string,
  { from, to }: { readonly from: number; readonly to: number },
  position: number | undefined,
  begin: number,
  fault: Report,
): number {
  const text = `${name} was told that ${from} to ${to} are gone`
  if (position !== undefined && from !== position + 1) {
    fault('false gap', `${text}, and had come to ${position}`)
  }
  if (to < from) fault('false gap', `${text}, which is no range`)
  if (to >= begin) fault('false gap', `${text}, and the log begins at ${begin}`)
  return Math.max(position ?? 0, to)
}

function takeEvent(
  name: string,
  { offset, id }: EventSeen,
  position: number | undefined,
  ids: ReadonlyMap<number, string | undefined>,
  fault: Report,
): number {
  if (position !== undefined && offset <= position) {
    fault('delivered twice', `${name} was given ${offset}, and had come to ${position}`)
    return position
  }
  if (position !== undefined && offset !== position + 1) {
    fault('broken run', `${name} had come to ${position}, and was given ${offset}`)
  }
  const expected = ids.get(offset)
  if (expected !== undefined && id !== undefined && id !== expected) {
    fault('wrong event', `${name} was given ${id} at ${offset}, where ${expected} belongs`)
  }
  return offset
}
