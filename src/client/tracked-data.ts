import { defaultLimits } from '../protocol/limits.ts'
import type { Json } from '../protocol/message.ts'
import { ClientError, errorOfRefusal } from './client-error.ts'
import { faultOfBody } from './publisher.ts'

/** The presence data of this user in one channel: sent when it is set, and after each join. */
export class TrackedData {
  readonly #send: (data: Json) => Promise<unknown>
  /** JSON text, so that what was given can change meanwhile. */
  #text: string | undefined

  constructor(send: (data: Json) => Promise<unknown>) {
    this.#send = send
  }

  /** Sets the data once `joined` is resolved. Rejects with a ClientError when that is refused. */
  async set(data: Json, joined: Promise<void> | undefined): Promise<void> {
    const fault = faultOfBody(data, defaultLimits.frameBytesMax)
    if (fault !== undefined) throw errorOfRefusal(fault)
    const text = JSON.stringify(data)
    if (joined !== undefined) await joined
    this.#text = text
    try {
      await this.#sendText(text)
    } catch (error) {
      const isRefused = error instanceof ClientError && !error.retry
      if (isRefused && this.#text === text) this.#text = undefined
      throw error
    }
  }

  /** Sends the data again: the channel was joined, and the server may not have it. */
  joined(): void {
    if (this.#text !== undefined) this.#sendText(this.#text).catch(() => {})
  }

  async #sendText(text: string): Promise<void> {
    await this.#send(JSON.parse(text) as Json)
  }
}
