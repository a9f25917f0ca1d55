import type { User } from '../../protocol/message.ts'
import type { Position } from '../../protocol/position.ts'
import type { Change, Driver, OpenScope, Scope } from '../store/driver.ts'
import type { ClearOptions, StoredPublish } from '../store/store.ts'

interface Kept {
  readonly publishes: Map<string, StoredPublish>
  readonly positions: Map<string, Position>
}

/** A driver whose storage is memory: what the test lets it do, it does at once. */
export class MemoryDriver implements Driver {
  readonly scopes = new Map<string, Kept>()
  readonly guests = new Map<string, User>()
  /** Every batch that was written, in order. */
  readonly batches: (readonly Change[])[] = []
  /** Scopes that are open. */
  readonly opened = new Set<string>()
  /** Called before each open and each write; the test can delay or reject there. */
  before: (what: 'open' | 'write') => Promise<void> | undefined = () => undefined
  takenOver: ((publishes: readonly StoredPublish[]) => void) | undefined

  async open(
    { user }: Scope,
    takenOver: (publishes: readonly StoredPublish[]) => void,
  ): Promise<OpenScope> {
    await this.before('open')
    this.takenOver = takenOver
    const kept = this.of(user)
    this.opened.add(user)
    return {
      publishes: [...kept.publishes.values()],
      positions: new Map(kept.positions),
      write: async (changes) => {
        await this.before('write')
        if (!this.opened.has(user)) throw new Error('written after the close')
        this.batches.push(changes)
        for (const change of changes) apply(kept, change)
      },
      close: async () => void this.opened.delete(user),
    }
  }

  async loadGuest(server: string): Promise<User | undefined> {
    return this.guests.get(server)
  }

  async saveGuest(server: string, guest: User): Promise<void> {
    this.guests.set(server, guest)
  }

  async clear({ user }: ClearOptions): Promise<void> {
    if (user === undefined) this.scopes.clear()
    else this.scopes.delete(user)
  }

  /** What is kept for a user. */
  of(user: string): Kept {
    const kept = this.scopes.get(user) ?? { publishes: new Map(), positions: new Map() }
    this.scopes.set(user, kept)
    return kept
  }

  /** Ids that are kept for a user, in order. */
  idsOf(user: string): readonly string[] {
    return [...this.of(user).publishes.keys()]
  }
}

function apply({ publishes, positions }: Kept, change: Change): void {
  if (change.kind === 'put') publishes.set(change.publish.id, change.publish)
  else if (change.kind === 'remove') publishes.delete(change.id)
  else if (change.position === undefined) positions.delete(change.channel)
  else positions.set(change.channel, change.position)
}
