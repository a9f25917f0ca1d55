import type { ClientError } from './client-error.ts'

/** What waits for a channel to be joined. */
export class JoinWaiters {
  readonly #isJoined: () => boolean
  readonly #whyNever: () => ClientError | undefined
  #waiters: (() => void)[] = []

  constructor(isJoined: () => boolean, whyNever: () => ClientError | undefined) {
    this.#isJoined = isJoined
    this.#whyNever = whyNever
  }

  /** Resolves when the channel was joined once; rejects when it is left, or refused before that. */
  async wait(): Promise<void> {
    for (;;) {
      const why = this.#whyNever()
      if (why?.code === 'CLOSED') throw why
      if (this.#isJoined()) return
      if (why !== undefined) throw why
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
    }
  }

  /** The channel was joined, refused or left. */
  settle(): void {
    for (const waiter of this.#waiters.splice(0)) waiter()
  }
}
