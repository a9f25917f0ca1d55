/** Ids of users that Rusher itself acts under: its own publishes are those of `server`. */
const reserved: ReadonlySet<string> = new Set(['server'])

/** Whether nobody may have this id, nor one that a person reads as it. */
export function isReservedUser(id: string): boolean {
  const read = id.normalize('NFKC').replace(/[\p{Cc}\p{Cf}\p{Zs}]/gu, '')
  return reserved.has(read.toLowerCase())
}
