import type { User } from '../../../protocol/index.ts'
import { contain, type FaultContext } from '../../runtime/containment.ts'

/** A message that a client sent about a document with `sendStateless`. It is not stored. */
export interface StatelessMessage {
  readonly document: string
  /** Up to `limits.statelessBytesMax` bytes, as the client sent it. */
  readonly text: string
  /** Who sent it. The id is '' if unknown. */
  readonly user: User
  /** Identifies the sender's connection in this document, for a reply to it alone. */
  readonly connection: string
}

/** Handles messages of clients. Errors and rejections are logged and ignored. */
export type OnStateless = (message: StatelessMessage) => unknown

/** Maximum number of messages whose hook has not settled. */
const pendingMax = 1_000

/** Passes messages to the hook of the embedding program. */
export class StatelessHook {
  readonly #hook: OnStateless | undefined
  readonly #parts: FaultContext
  #pending = 0

  constructor(hook: OnStateless | undefined, parts: FaultContext) {
    this.#hook = hook
    this.#parts = parts
  }

  /** Passes a message on; false if too many are pending, and then the message is dropped. */
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
