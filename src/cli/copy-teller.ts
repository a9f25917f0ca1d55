import { RusherError } from '../protocol/index.ts'
import type { CopyProgress } from '../server/index.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'

/** Interval between progress updates, in milliseconds. */
const progressMs = 100

/**
 * Runs a backup or a restore and shows progress on a terminal. SIGINT and SIGTERM cancel it without
 * leaving files behind. Resolves to the exit code.
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
        throw new RusherError('INTERRUPTED', `cancelled by ${ended}; no files were left behind`)
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

/** A progress line that overwrites itself; silent when standard error is not a terminal. */
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
  if (progress.step === 'check') return `verified ${progress.events.toLocaleString('en')} events`
  return `copied ${megabytes(progress.bytes)} of ${megabytes(progress.bytesAll)} MB`
}

/** Bytes as megabytes, with one decimal. */
export function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1)
}
