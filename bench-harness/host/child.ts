import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

/** Kept of what a child writes to its standard error: ssh's words, or the last ones of a runner. */
const lastWordsMax = 8_000

/** A child with a group of processes to itself, spoken to over its pipes. */
export interface Child {
  readonly stdin: Writable
  /** Text. */
  readonly stdout: Readable
  /** What it wrote to its standard error so far. */
  words(): string
  /** How it ended: once all that it wrote has been read. */
  readonly ended: Promise<string>
  /** Ends it and all that it started. */
  kill(): void
}

/**
 * Wraps a child that was spawned with `detached` and three pipes. In a group of its own it does not hear of Ctrl-C, which is the
 * controller's to answer, and everything in the group can be ended with it.
 */
export function wrapChild(process_: ChildProcess, killGroup: (pid: number) => void): Child {
  const { stdin, stdout, stderr } = process_
  if (stdin === null || stdout === null || stderr === null)
    throw new Error('the child was started without pipes')
  let words = ''
  let hasEnded = false
  const ended = Promise.withResolvers<string>()
  const end = (how: string): void => {
    hasEnded = true
    ended.resolve([how, words.trim()].filter((part) => part !== '').join(': '))
  }
  stdout.setEncoding('utf8')
  stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-lastWordsMax)
  })
  // Writing to one that has ended is no news beside its end.
  stdin.on('error', () => undefined)
  process_.on('error', (error) => end(error.message))
  process_.on('close', (code, signal) => {
    end(signal === null ? `ended with exit code ${code}` : `ended by ${signal}`)
  })
  return {
    stdin,
    stdout,
    words: () => words.trim(),
    ended: ended.promise,
    kill() {
      if (!hasEnded && process_.pid !== undefined) killGroup(process_.pid)
    },
  }
}

/** Ends a group of processes by its leader. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // It has ended in this moment.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
