import type { Writable } from 'node:stream'
import type { FromRunner, Tick } from '../control/messages.ts'
import { addTicks } from './add-ticks.ts'

/** What goes to the controller, in order. */
export interface Outbox {
  send(message: FromRunner): void
  /** Calls back when all was handed over. */
  end(done: () => void): void
}

/**
 * Writes messages as lines as fast as they are read at the other end. While they are not, messages wait, and a worker's seconds are added up
 * into one, so that what waits does not grow with time. Nothing is dropped.
 */
export function createOutbox(output: Writable): Outbox {
  let waiting: FromRunner[] = []
  let isFull = false

  const write = (message: FromRunner): void => {
    isFull = !output.write(`${JSON.stringify(message)}\n`)
  }
  output.on('drain', () => {
    isFull = false
    const due = waiting
    waiting = []
    for (const message of due) {
      if (isFull) waiting.push(message)
      else write(message)
    }
  })
  return {
    send(message) {
      if (!isFull) return write(message)
      if (message.type !== 'tick') return void waiting.push(message)
      const index = waiting.findIndex((one) => one.type === 'tick' && one.worker === message.worker)
      const earlier = waiting[index]
      if (earlier === undefined) waiting.push(message)
      else waiting[index] = addTicks(earlier as Tick, message)
    },
    end(done) {
      for (const message of waiting) write(message)
      waiting = []
      output.end(done)
    },
  }
}
