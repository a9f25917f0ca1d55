/** Sizes and times of documents inside the core that no peer can change. */
export const documentLimits = {
  /** Raw bytes that go into one page, before what its reader has is taken out. */
  pageBytesMax: 256 * 1024,
  /** The same for a reader whose state vector takes most of it out. */
  differenceBytesMax: 2 * 1024 * 1024,
  /** Updates after an opening above which the next who joins gets a new opening. */
  openingRowsMax: 64,
  openingBytesMax: 64 * 1024,
  /** Updates of one page that are sent as they are; more are merged. */
  pageRowsMax: 16,
  /** A log is compacted when it has grown by this much, and by as much as its snapshot has. */
  compactBytesMin: 64 * 1024,
  compactRowsMax: 4_096,
  /**
   * Updates since the snapshot, in multiples of the document size: beyond this, writes wait for
   * compaction.
   */
  logTimesMax: 4,
  /** Time before a compaction that failed is tried again, in milliseconds. */
  compactAgainMs: 60_000,
  /** Events read at once when a document is opened. */
  readEventsMax: 2_000,
  readBytesMax: 4 * 1024 * 1024,
  /** Updates that were found sound and wait for their commit, in one document. Others wait to be looked at. */
  unsavedMax: 256,
  /** Updates that wait to be looked at, in one document; an edge stops reading long before. */
  queueMax: 4_096,
  /** Documents in one page of a list, where its asker names no number, and at most. */
  listUsual: 100,
  listMax: 1_000,
  /** Parts of updates with missing dependencies in one document, and their bytes. */
  waitingPartsMax: 64,
  waitingBytesMax: 1024 * 1024,
  /** Client ids of one document whose owners are asked for what others sent under them. */
  unconfirmedMax: 10_000,
  /** Time after which a document that nobody has open is let go, in milliseconds. */
  idleMs: 10_000,
  /** Time without a writer after which the engine's copy is let go, in milliseconds. */
  copyIdleMs: 30_000,
  /** Pauses between tries of what storage refused, in milliseconds. */
  retryMs: { first: 100, most: 5_000 },
  /** Between two stretches of work there is a pause of at least this, in milliseconds. */
  versionPauseMs: 30_000,
  /** A stretch of work goes on for no longer than this, in milliseconds. */
  versionSpanMs: 10 * 60_000,
  /** Updates of one user less than this apart are one run of a document's history, in milliseconds. */
  runPauseMs: 20_000,
  /** A run goes on for no longer than this, in milliseconds. */
  runSpanMs: 2 * 60_000,
  /** Time that a name is kept in its place after an unannounced leave, in milliseconds. */
  graceMs: 3_000,
} as const
