/** Counters of contained internal errors. */
export interface FaultMetrics {
  /** Counts an internal error; `place` is a `FaultSource`. */
  internalError(place: string): void
}

/** Counters of HTTP requests. */
export interface HttpMetrics {
  /** Counts a request that exceeded a limit or was aborted; the reasons are a closed set. */
  requestRefused(reason: string): void
}

/** What the core counts. */
export interface CoreMetrics {
  /** A batch that was handed to storage is kept, or is not. */
  appended(ms: number, result: 'ok' | 'failed'): void
  published(outcome: 'appended' | 'duplicate' | 'passed' | 'refused'): void
}

/** What is counted of a storage that commits. */
export interface StorageMetrics {
  /** One transaction, with its fsync. */
  committed(items: number, ms: number): void
}

/** What the core counts of documents. */
export interface DocumentMetrics {
  /** An update is on disk. */
  documentSaved(bytes: number): void
  documentRefused(fault: string): void
  /** Counts unsafe or invalid items of an update that were corrected. */
  documentCorrected(things: number): void
  documentCompacted(result: 'ok' | 'failed'): void
}

/** What an edge counts. */
export interface EdgeMetrics {
  opened(): void
  closed(reason: string): void
  command(type: string): void
  refused(code: string): void
  delivered(messages: number, frames: number, bytes: number): void
  lagged(): void
  /**
   * Counts a refused upgrade, also one without an `Upgrade` header; the reasons are a closed set.
   */
  upgradeRefused(reason: string): void
  /** Counts a refused token, or user without a token; the reasons are a closed set. */
  tokenRefused(reason: string): void
  /** So many waited to be accepted and were reset. */
  unheard(connections: number): void
}

/** Numbers that are looked up when somebody asks. */
export interface Gauges {
  sessions?(): number
  channels?(): number
  pendingAppends?(): number
  documents?(): number
  documentUpdatesUnsaved?(): number
  documentsFailing?(): number
  documentSessions?(): number
  connectionsWaiting?(): number
  handshakes?(): number
  callsPending?(): number
  httpRequests?(): number
  httpBodyBytes?(): number
}

/** Counts for whoever runs the server. Names and labels never hold users or channels: those have no bound. */
export interface Metrics
  extends CoreMetrics,
    StorageMetrics,
    DocumentMetrics,
    EdgeMetrics,
    FaultMetrics,
    HttpMetrics {
  gauge(gauges: Gauges): void
  /** This process's numbers, in the shape that `merge` takes. */
  collect(): Promise<readonly object[]>
  /** Prometheus text of several processes' numbers. */
  merge(processes: readonly (readonly object[])[]): Promise<string>
  /** Gives back what looking at the process holds. Nothing is collected after it. */
  stop(): void
}
