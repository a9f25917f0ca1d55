/** User ids that Rusher itself uses: its own publishes are by `server`. */
const reserved: ReadonlySet<string> = new Set(['server'])

/** Whether an id is reserved, or looks like a reserved one. */
export function isReservedUser(id: string): boolean {
  const read = id.normalize('NFKC').replace(/[\p{Cc}\p{Cf}\p{Zs}]/gu, '')
  return reserved.has(read.toLowerCase())
}
