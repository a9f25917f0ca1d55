import type { Authored, Owners } from './document-engine.ts'
import { type ScannedUpdate, scanUpdate, unbounded } from './scan-update.ts'

type Clients = Pick<ScannedUpdate, 'clients'>

/** Assigns each client id to the first user who sent content under it. For attribution only. */
export function claim(owners: Map<number, string>, { clients }: Clients, userId: string): void {
  if (userId === '') return
  for (const { client } of clients) if (!owners.has(client)) owners.set(client, userId)
}

/** Like `claim`, for a committed update. An import of content by others assigns nothing. */
export function claimCommitted(
  owners: Map<number, string>,
  { userId, madeBy = [], update }: Authored,
): void {
  if (madeBy.length === 0) claim(owners, scanUpdate(update, unbounded), userId)
}

/** The users other than the sender whose client ids an update uses. */
export function makersOf(
  owners: Owners,
  { clients }: Clients,
  userId: string,
  imported: boolean,
): readonly string[] {
  let makers: Set<string> | undefined
  for (const { client } of clients) {
    const owner = owners.get(client)
    if (owner === undefined ? !imported : owner === userId) continue
    makers ??= new Set()
    makers.add(owner ?? '')
  }
  return makers === undefined ? [] : [...makers].sort()
}
