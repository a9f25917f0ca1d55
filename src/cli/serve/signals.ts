import { closeSync, openSync } from 'node:fs'
import { exitCodes } from '../exit-codes.ts'

export interface End {
  readonly signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP'
}

/** What somebody wants of the running server. */
export interface Signals {
  /** The first signal that ends it. */
  readonly end: Promise<End>
  /** SIGHUP: replace the edges. Takes the place of an earlier listener. */
  onRoll(listener: () => void): void
}

/**
 * The first SIGTERM or SIGINT ends in order, the second at once. SIGHUP asks for new edges, unless it comes because the terminal is gone:
 * then it ends the server, too.
 */
export function listenForSignals(): Signals {
  const { promise, resolve } = Promise.withResolvers<End>()
  const isAtTerminal = process.stdin.isTTY || process.stdout.isTTY
  let seen = false
  let roll = (): void => undefined
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (seen) process.exit(exitCodes.failure)
      seen = true
      resolve({ signal })
    })
  }
  process.on('SIGHUP', () => {
    if (!isAtTerminal || hasTerminal()) return roll()
    resolve({ signal: 'SIGHUP' })
  })
  return {
    end: promise,
    onRoll(listener) {
      roll = listener
    },
  }
}

/** Whether there still is a terminal that this process belongs to. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}
