import { ClientError, errorOfRefusal } from './client-error.ts'
import type { EncodedBody } from './encode-body.ts'
import type { JoinWaiters } from './join-waiters.ts'

/** The presence data of this user in one channel: sent when it is set, and after each join. */
export class TrackedData {
  readonly #send: (text: string) => Promise<unknown>
  /** JSON text, so that what was given can change meanwhile. */
  #text: string | undefined

  constructor(send: (text: string) => Promise<unknown>) {
    this.#send = send
  }

  /** Sets the data once the channel is joined. Rejects with a ClientError when that is refused. */
  async set({ text, refusal }: EncodedBody, joins: JoinWaiters): Promise<void> {
    if (refusal !== undefined) throw errorOfRefusal(refusal)
    await joins.wait()
    this.#text = text
    try {
      await this.#send(text)
    } catch (error) {
      const isRefused = error instanceof ClientError && !error.retry
      if (isRefused && this.#text === text) this.#text = undefined
      throw error
    }
  }

  /** Sends the data again: the channel was joined, and the server may not have it. */
  joined(): void {
    if (this.#text !== undefined) this.#send(this.#text).catch(() => {})
  }
}
