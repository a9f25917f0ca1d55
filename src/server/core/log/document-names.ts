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

const documentPrefixes: ReadonlySet<string | undefined> = new Set(['doc', 'doc-history'])

/** Whether channels with this prefix store documents and their history: no app can serve them. */
export function isDocumentPrefix(prefix: string | undefined): boolean {
  return documentPrefixes.has(prefix)
}
