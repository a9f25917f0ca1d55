import { parentPort } from 'node:worker_threads'
import type { Fault } from './fault.ts'
import type { FromThread, Numbered } from './thread-messages.ts'

/** The worker's side of a `Thread`. */
export interface ThreadPort<Request, Answer> {
  onRequest(handle: (no: number, request: Request) => void): void
  answer(no: number, answer: Answer, transfer?: readonly ArrayBuffer[]): void
  refuse(no: number, fault: Fault): void
  /** Tells of a final fault without being asked. */
  fail(fault: Fault): void
  /** No more requests; the thread ends when it has nothing left to do. */
  close(): void
}

/** The port of the thread this is called in. */
export function openThreadPort<Request, Answer>(): ThreadPort<Request, Answer> {
  const port = parentPort
  if (port === null) throw new Error('this module is the entry of a worker thread')
  const post = (message: FromThread<Answer>, transfer: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, [...transfer])
  return {
    onRequest(handle) {
      port.on('message', ({ no, body }: Numbered<Request>) => handle(no, body))
    },
    answer: (no, answer, transfer) => post({ no, answer }, transfer),
    refuse: (no, fault) => post({ no, fault }),
    fail: (failed) => post({ failed }),
    close: () => port.close(),
  }
}
