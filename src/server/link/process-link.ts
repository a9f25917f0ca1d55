import type { Duplex } from 'node:stream'
import { deserialize, serialize } from 'node:v8'
import { RusherError } from '../../protocol/index.ts'
import type { Port } from './link.ts'

/** Bytes that may be queued for the other side, besides large frames. */
const smallBytesMax = 64 * 1024 * 1024
const lengthBytes = 4

export interface ProcessLinkEnd<Sent> extends Port<Sent> {
  /** Ends the link; what was sent before still arrives. */
  end(): void
}

export interface ProcessLinkContext<Sent, Received> {
  /**
   * Handles a received message. An error it throws goes to `failed` and loses only that message.
   */
  readonly receive: (message: Received) => void
  /** Called once, when the pipe is closed. */
  readonly ended: (cause: RusherError | undefined) => void
  /** Called for a sent message that cannot be encoded and is therefore lost. */
  readonly unsent?: (message: Sent) => void
  /** Called with an error in sending or handling a message. */
  readonly failed?: (error: unknown) => void
  /**
   * Bytes of large document frames that may be queued, in addition to 64 MiB. Beyond that the other
   * side counts as stuck and the link is closed. Default 0.
   */
  readonly largeBytesMax?: number
}

/**
 * One end of a link between two processes of the same build, over a pipe: batches of messages, each batch a 32-bit length and what
 * `v8.serialize` makes of it. What was sent in one turn of the loop is one batch.
 */
export function createProcessLinkEnd<Sent, Received>(
  pipe: Duplex,
  parts: ProcessLinkContext<Sent, Received>,
): ProcessLinkEnd<Sent> {
  const waitingBytesMax = smallBytesMax + (parts.largeBytesMax ?? 0)
  let waiting: Sent[] = []
  let over = false

  function end(cause?: RusherError): void {
    if (over) return
    over = true
    pipe.destroy()
    parts.ended(cause)
  }

  function flush(): void {
    const batch = waiting
    waiting = []
    if (over || batch.length === 0) return
    write(encode(batch) ?? encodeOneByOne(batch))
    if (pipe.writableLength > waitingBytesMax) {
      end(new RusherError('LINK_STUCK', 'the other process does not read from its link'))
    }
  }

  function write(body: Buffer): void {
    const length = Buffer.allocUnsafe(lengthBytes)
    length.writeUInt32LE(body.length)
    pipe.cork()
    pipe.write(length)
    pipe.write(body)
    pipe.uncork()
  }

  /**
   * Undefined if a message cannot be encoded, for instance JSON nested too deeply for the stack.
   */
  function encode(batch: readonly Sent[]): Buffer | undefined {
    try {
      return serialize(batch)
    } catch (error) {
      parts.failed?.(error)
      return undefined
    }
  }

  function encodeOneByOne(batch: readonly Sent[]): Buffer {
    const sound: Sent[] = []
    for (const message of batch) {
      try {
        serialize(message)
        sound.push(message)
      } catch (error) {
        parts.failed?.(error)
        parts.unsent?.(message)
      }
    }
    return serialize(sound)
  }

  const split = createSplitter((body) => {
    let messages: readonly Received[]
    try {
      // Both ends are the same build and the pipe is private.
      messages = deserialize(body) as readonly Received[]
    } catch (cause) {
      // The lost messages are unknown, and the link guarantees delivery without gaps.
      return end(
        new RusherError('LINK_FAILED', 'a message on the link cannot be decoded', { cause }),
      )
    }
    for (const message of messages) {
      try {
        parts.receive(message)
      } catch (error) {
        parts.failed?.(error)
      }
    }
  })
  pipe.on('data', split)
  pipe.on('error', (cause) =>
    end(new RusherError('LINK_FAILED', 'the link between processes failed', { cause })),
  )
  pipe.on('close', () => end())
  pipe.on('end', () => end())

  return {
    send(message) {
      waiting.push(message)
      if (waiting.length === 1) setImmediate(flush)
    },
    end() {
      flush()
      pipe.end()
    },
  }
}

/** Cuts a stream of bytes into the bodies that were put in. */
function createSplitter(take: (body: Buffer) => void): (bytes: Buffer) => void {
  let parts: Buffer[] = []
  let held = 0
  let wanted = lengthBytes
  let inBody = false

  return (bytes) => {
    parts.push(bytes)
    held += bytes.length
    while (held >= wanted) {
      const all = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
      const piece = all.subarray(0, wanted)
      const rest = all.subarray(wanted)
      parts = rest.length > 0 ? [rest] : []
      held = rest.length
      if (inBody) take(piece)
      wanted = inBody ? lengthBytes : piece.readUInt32LE()
      inBody = !inBody
    }
  }
}
