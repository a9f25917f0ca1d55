import type { IncomingMessage } from 'node:http'
import type { Budget } from './budget.ts'
import { RequestGone, RequestRefused } from './refusal.ts'

/** Bytes of a body that nobody wants and that are read, so that its sender reads the answer; beyond them it is cut off. */
const discardedBytesMax = 16 * 1024 * 1024

/** A body in memory. */
export interface HeldBody {
  readonly bytes: Buffer
  /** Nobody needs it any more. */
  release(): void
}

/**
 * Reads the body of a request. Rejects with RequestRefused where it has more than `bytesMax` bytes, or where the bodies that are held
 * together would be more than `budget` has; with RequestGone where its sender went away or sent what is no HTTP. Nothing is held then.
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
    // Without `destroyOnReturn` an iterator that is left early would cut its sender off before it is answered.
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
 * Reads what is left of a body and throws it away, then calls `done`: a sender that is cut off while it sends does not read its
 * answer. One that goes on for too long is not waited for.
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
