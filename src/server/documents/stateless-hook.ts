import type { User } from '../../protocol/index.ts'
import { contain, type FaultParts } from '../containment.ts'

/** A message that a client sent about a document with `sendStateless`, and that is kept nowhere. */
export interface StatelessMessage {
  readonly document: string
  /** Up to `limits.statelessBytesMax` bytes, as the client sent it. */
  readonly text: string
  /** Who sent it. The id is '' where the server does not know. */
  readonly user: User
  /** Names the sender's connection in this document, for an answer to it alone. */
  readonly connection: string
}

/** Takes messages of clients. What it throws, or rejects with, is logged, and ends nothing. */
export type OnStateless = (message: StatelessMessage) => unknown

/** Messages whose hook has not returned yet. */
const pendingMax = 1_000

/** Hands messages to the hook of the embedding program. */
export class StatelessHook {
  readonly #hook: OnStateless | undefined
  readonly #parts: FaultParts
  #pending = 0

  constructor(hook: OnStateless | undefined, parts: FaultParts) {
    this.#hook = hook
    this.#parts = parts
  }

  /** False when the hook is that far behind, and did not get the message. */
  take(message: StatelessMessage): boolean {
    if (this.#hook === undefined) return true
    if (this.#pending >= pendingMax) return false
    this.#pending += 1
    contain(this.#parts, 'document', this.#run(this.#hook, message))
    return true
  }

  async #run(hook: OnStateless, message: StatelessMessage): Promise<void> {
    try {
      await hook(message)
    } catch (error) {
      this.#parts.metrics.internalError('document')
      this.#parts.log.error({ err: error, document: message.document }, 'onStateless failed')
    } finally {
      this.#pending -= 1
    }
  }
}
