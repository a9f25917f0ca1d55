import type { Port, ToCore, ToEdge } from './link.ts'

interface Ends {
  readonly toCore: (message: ToCore) => void
  readonly toEdge: (message: ToEdge) => void
  /** Called with an error thrown while a message is handled; only that message is lost. */
  readonly failed: (error: unknown) => void
}

/**
 * A link inside one process. Messages are handed over in a microtask and never inside `send`, so that neither side is entered
 * again while it is at work: the same order and the same batches as between processes.
 */
export function createDirectLink(ends: Ends): { core: Port<ToCore>; edge: Port<ToEdge> } {
  return {
    core: createQueue(ends.toCore, ends.failed),
    edge: createQueue(ends.toEdge, ends.failed),
  }
}

function createQueue<Message>(
  deliver: (message: Message) => void,
  failed: (error: unknown) => void,
): Port<Message> {
  let waiting: Message[] = []
  const flush = (): void => {
    const batch = waiting
    waiting = []
    for (const message of batch) {
      try {
        deliver(message)
      } catch (error) {
        failed(error)
      }
    }
  }
  return {
    send(message) {
      waiting.push(message)
      if (waiting.length === 1) queueMicrotask(flush)
    },
  }
}
