/** Sizes inside the core that no peer can change. */
export const coreLimits = {
  recentEventsMax: 256,
  recentCharsMax: 256 * 1024,
  /** Characters of events in one page; a page has at least one event. */
  pageCharsMax: 64 * 1024,
  latestMax: 1_000,
  /** Time after which a channel that nobody is in is let go, in milliseconds. */
  channelIdleMs: 30_000,
  tickMs: 100,
  retentionEveryMs: 30_000,
  replayEventsMax: 500,
} as const
