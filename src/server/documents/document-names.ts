/** The channel that stores a document's log. */
export function channelOf(document: string): string {
  return `doc:${document}`
}

/**
 * The entity tag of a document, derived from the position of its log. It changes with every commit,
 * but not with compaction or a restart.
 */
export function tagOf(epoch: string, head: number): string {
  return `${epoch}-${head}`
}
