import type { Authored, Owners } from './document-engine.ts'
import { type ScannedUpdate, scanUpdate, unbounded } from './scan-update.ts'

type Clients = Pick<ScannedUpdate, 'clients'>

/** A client id belongs to whoever first sent something of his own under it. It says who made something, and forbids nothing. */
export function claim(owners: Map<number, string>, { clients }: Clients, userId: string): void {
  if (userId === '') return
  for (const { client } of clients) if (!owners.has(client)) owners.set(client, userId)
}

/** As `claim`, for a committed update. One that brings what others made says nothing about its sender. */
export function claimCommitted(
  owners: Map<number, string>,
  { userId, madeBy = [], update }: Authored,
): void {
  if (madeBy.length === 0) claim(owners, scanUpdate(update, unbounded), userId)
}

/** The users, other than the sender, whose client ids an update writes under. */
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
