import type { FromRunner, ToRunner } from '../control/messages.ts'

/** What a worker is spoken to through: its parent, the runner. */
export interface WorkerPort {
  send(message: FromRunner): void
  onMessage(listener: (message: ToRunner) => void): void
  /** The parent is gone; nobody listens any more. */
  onDisconnect(listener: () => void): void
}

/** The channel that `child_process.fork` gives a child. Throws when the process was not started by it. */
export function parentPort(parent: NodeJS.Process): WorkerPort {
  if (parent.send === undefined) throw new Error('a worker is started by its runner only')
  return {
    send(message) {
      // A message that cannot be sent any more has nobody to read it: `disconnect` tells of that.
      if (parent.connected) parent.send?.(message, undefined, undefined, () => undefined)
    },
    onMessage(listener) {
      parent.on('message', (message) => listener(message as ToRunner))
    },
    onDisconnect(listener) {
      parent.once('disconnect', listener)
    },
  }
}
