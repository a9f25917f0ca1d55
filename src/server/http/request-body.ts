import type { IncomingMessage } from 'node:http'
import type { Budget } from './budget.ts'
import { RequestGone, RequestRefused } from './refusal.ts'

/**
 * Bytes of an unwanted body to read so that its sender reads the answer; beyond this the connection
 * is closed.
 */
const discardedBytesMax = 16 * 1024 * 1024

/** A body in memory. */
export interface HeldBody {
  readonly bytes: Buffer
  /** Returns its bytes to the budget. */
  release(): void
}

/**
 * Reads the body of a request. Rejects with RequestRefused when it exceeds `bytesMax` bytes or the
 * remaining `budget`, and with RequestGone when the client disconnected or sent malformed HTTP. A
 * rejection holds no memory.
 */
export async function readBody(
  request: IncomingMessage,
  bytesMax: number,
  budget: Budget,
): Promise<HeldBody> {
  const pieces: Buffer[] = []
  let held = 0
  const refuse = (refused: RequestRefused): never => {
    budget.giveBack(held)
    held = 0
    pieces.length = 0
    throw refused
  }
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) refuse(tooLarge(bytesMax))
  try {
    // With the default, leaving the iterator early would close the connection before the answer.
    for await (const piece of request.iterator({
      destroyOnReturn: false,
    }) as AsyncIterable<Buffer>) {
      if (held + piece.length > bytesMax) refuse(tooLarge(bytesMax))
      if (!budget.take(piece.length)) refuse(tooMuch())
      held += piece.length
      pieces.push(piece)
    }
  } catch (error) {
    if (error instanceof RequestRefused) throw error
    budget.giveBack(held)
    throw new RequestGone('the client disconnected', { cause: error })
  }
  let isHeld = true
  return {
    bytes: pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces),
    release() {
      if (isHeld) budget.giveBack(held)
      isHeld = false
    },
  }
}

/**
 * Discards the rest of a body, then calls `done`: a client that is disconnected while sending does
 * not read its answer. Stops after a fixed number of bytes.
 */
export function discardBody(request: IncomingMessage, done: () => void): void {
  if (request.complete || request.destroyed) return done()
  let left = discardedBytesMax
  let isDone = false
  const finish = (): void => {
    if (isDone) return
    isDone = true
    request.off('data', count)
    done()
  }
  const count = (piece: Buffer): void => {
    left -= piece.length
    if (left < 0) finish()
  }
  request.on('error', finish)
  request.on('end', finish)
  request.on('close', finish)
  request.on('data', count)
  request.resume()
}

function tooLarge(bytesMax: number): RequestRefused {
  return new RequestRefused(413, 'TOO_LARGE', `the body is larger than ${bytesMax} bytes`)
}

function tooMuch(): RequestRefused {
  return new RequestRefused(
    503,
    'BUSY',
    'too many request bodies are in memory; try again later',
    1,
  )
}
