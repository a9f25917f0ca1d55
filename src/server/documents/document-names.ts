/** The channel that a document's log is kept in. */
export function channelOf(document: string): string {
  return `doc:${document}`
}

/**
 * Names a state of a document: the position of its log. Every committed change makes another one; compaction and a restart do not.
 */
export function tagOf(epoch: string, head: number): string {
  return `${epoch}-${head}`
}
