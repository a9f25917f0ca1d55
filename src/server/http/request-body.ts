import type { IncomingMessage } from 'node:http'
import { RequestGone, RequestRefused } from './refusal.ts'
import type { RequestBodies } from './request-bodies.ts'

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
 * Reads the body of a request; `who` is its user. Rejects with RequestRefused if the body has more
 * than `bytesMax` bytes, arrives too slowly, or exceeds the budget of `bodies`; with RequestGone if
 * the client disconnected or sent invalid HTTP. Nothing stays in memory then.
 */
export async function readBody(
  request: IncomingMessage,
  bytesMax: number,
  bodies: RequestBodies,
  who: string,
): Promise<HeldBody> {
  const { 'content-length': announced = '0', 'transfer-encoding': encoding } = request.headers
  if (Number(announced) > bytesMax) throw tooLarge(bytesMax)
  if (Number(announced) === 0 && encoding === undefined) return emptyBody
  if (request.readableEnded) throw alreadyRead()
  if (request.destroyed) throw gone(undefined)
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    const body = bodies.open(who, stop)
    function stop(reason: RequestRefused | RequestGone): void {
      leave()
      // `discardBody` reads the rest.
      request.pause()
      body.release()
      pieces.length = 0
      reject(reason)
    }
    function take(piece: Buffer): void {
      if (body.bytes + piece.length > bytesMax) return stop(tooLarge(bytesMax))
      if (!body.take(piece.length)) return stop(tooMuch())
      pieces.push(piece)
    }
    function end(): void {
      leave()
      body.complete()
      const [first = Buffer.alloc(0), second] = pieces
      const bytes = second === undefined ? first : Buffer.concat(pieces)
      resolve({ bytes, release: body.release })
    }
    const left = (error?: Error): void => stop(gone(error))
    function leave(): void {
      request.off('data', take).off('end', end).off('close', left).off('error', left)
      // The connection may still break, which is not an error any more.
      request.on('error', () => undefined)
    }
    request.on('data', take).on('end', end).on('close', left).on('error', left)
  })
}

const emptyBody: HeldBody = { bytes: Buffer.alloc(0), release: () => undefined }

/** In an embedding program, a body parser came first. */
function alreadyRead(): RequestRefused {
  return new RequestRefused(
    500,
    'BODY_READ',
    'the body was read by other middleware: pass the request to `handleRequest` before body parsers',
  )
}

function gone(cause: unknown): RequestGone {
  return new RequestGone('the client went away', { cause })
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
