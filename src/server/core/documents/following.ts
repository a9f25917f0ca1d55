import type { Row } from './document-record.ts'
import { Follower, type FollowerContext, type FollowListener } from './follower.ts'

/** Who follows which documents. A document that is followed need not be open. */
export class Following {
  readonly #parts: FollowerContext
  readonly #followers = new Map<string, Set<Follower>>()

  constructor(parts: FollowerContext) {
    this.#parts = parts
  }

  /** Hands a listener what is committed from now on; the function that it gives ends that. */
  follow(name: string, listener: FollowListener): () => void {
    const follower = new Follower(name, listener, this.#parts)
    const others = this.#followers.get(name) ?? new Set()
    this.#followers.set(name, others.add(follower))
    return () => {
      follower.stop()
      others.delete(follower)
      if (others.size === 0 && this.#followers.get(name) === others) this.#followers.delete(name)
    }
  }

  committed(name: string, offset: number, row: Row): void {
    const followers = this.#followers.get(name)
    if (followers !== undefined) for (const one of followers) one.take(offset, row)
  }

  deleted(name: string, offset: number, row: Row): void {
    for (const one of this.#followers.get(name) ?? []) one.takeDeletion(offset, row)
  }

  /** Ends all followers. */
  stop(): void {
    for (const followers of this.#followers.values()) for (const one of followers) one.stop()
  }
}
