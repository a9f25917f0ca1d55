/**
 * A place in a channel's log: after the event at `offset`. The epoch is the log's identity and changes only when the
 * log was lost or replaced; without it, the offsets of a new log would pass for those of the old one.
 */
export interface Position {
  readonly epoch: string
  /** The last event seen; 0 before the first. */
  readonly offset: number
}

/** What a returning client missed for good, both ends included. */
export interface Gap {
  readonly from: number
  readonly to: number
  /** `trimmed`: retention removed them. `epoch`: the log is another one, so nothing before it can be told. */
  readonly reason: 'trimmed' | 'epoch'
}

/** Where reading goes on, and what is missing before it. */
export interface Resumption {
  /** The offset after which events will come. */
  readonly after: number
  readonly gap?: Gap
}

/**
 * Decides what a client that has seen `since` can be given from a log that holds `begin` to `head` under `epoch`
 * (`begin` is `head + 1` when the log is empty). An offset beyond the head means that the log is not the one the client knew.
 */
export function resume(
  since: Position,
  log: { readonly epoch: string; readonly begin: number; readonly head: number },
): Resumption {
  if (since.epoch !== log.epoch || since.offset > log.head) {
    return { after: log.head, gap: { from: 1, to: log.head, reason: 'epoch' } }
  }
  if (since.offset + 1 < log.begin) {
    return {
      after: log.begin - 1,
      gap: { from: since.offset + 1, to: log.begin - 1, reason: 'trimmed' },
    }
  }
  return { after: since.offset }
}
