import { RusherError } from '../protocol/index.ts'
import type { CopyProgress } from '../server/index.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'

/** Time between two lines of progress, in milliseconds. */
const progressMs = 100

/**
 * Does a backup or a restore, with a line of progress where somebody looks. Ctrl-C ends it, and nothing is left behind.
 * Resolves to the exit code.
 */
export async function tellCopy(
  work: (onProgress: (progress: CopyProgress) => void) => Promise<string>,
): Promise<number> {
  const line = createLine()
  let ended: NodeJS.Signals | undefined
  const end = (signal: NodeJS.Signals) => {
    ended = signal
  }
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  try {
    const done = await work((progress) => {
      if (ended !== undefined) {
        throw new RusherError('INTERRUPTED', `ended by ${ended}; nothing was left behind`)
      }
      line.show(progress)
    })
    line.clear()
    process.stdout.write(`${done}\n`)
    return exitCodes.ok
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    line.clear()
    process.stderr.write(`rusher: ${error.message}\n`)
    return exitCodeOf(error)
  } finally {
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}

/** One line on a terminal that is written over and over; none where standard error is no terminal. */
function createLine() {
  const { stderr } = process
  let shownMs = 0
  return {
    show(progress: CopyProgress): void {
      const nowMs = performance.now()
      if (!stderr.isTTY || nowMs - shownMs < progressMs) return
      shownMs = nowMs
      stderr.write(`\r${textOf(progress)}\u001b[K`)
    },
    clear(): void {
      if (stderr.isTTY && shownMs > 0) stderr.write('\r\u001b[K')
    },
  }
}

function textOf(progress: CopyProgress): string {
  if (progress.step === 'check') return `checked ${progress.events.toLocaleString('en')} events`
  return `copied ${megabytes(progress.bytes)} of ${megabytes(progress.bytesAll)} MB`
}

/** Bytes as megabytes, with one decimal. */
export function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1)
}
