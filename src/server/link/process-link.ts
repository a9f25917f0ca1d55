import type { Duplex } from 'node:stream'
import { deserialize, serialize } from 'node:v8'
import { RusherError } from '../../protocol/index.ts'
import type { Port } from './link.ts'

/** Bytes that may wait for the other side. Beyond them it is not slow but stuck, and the link ends. */
const waitingBytesMax = 64 * 1024 * 1024
const lengthBytes = 4

export interface ProcessLinkEnd<Sent> extends Port<Sent> {
  /** Ends the link; what was sent before still arrives. */
  end(): void
}

/**
 * One end of a link between two processes of the same build, over a pipe: batches of messages, each batch a 32-bit length and what
 * `v8.serialize` makes of it. What was sent in one turn of the loop is one batch. `ended` is called once, when the pipe is gone.
 */
export function createProcessLinkEnd<Sent, Received>(
  pipe: Duplex,
  receive: (message: Received) => void,
  ended: (cause: RusherError | undefined) => void,
): ProcessLinkEnd<Sent> {
  let waiting: Sent[] = []
  let over = false

  function end(cause?: RusherError): void {
    if (over) return
    over = true
    pipe.destroy()
    ended(cause)
  }

  function flush(): void {
    const batch = waiting
    waiting = []
    if (over || batch.length === 0) return
    const body = serialize(batch)
    const length = Buffer.allocUnsafe(lengthBytes)
    length.writeUInt32LE(body.length)
    pipe.cork()
    pipe.write(length)
    pipe.write(body)
    pipe.uncork()
    if (pipe.writableLength > waitingBytesMax) {
      end(new RusherError('LINK_STUCK', 'the other process does not read its link'))
    }
  }

  const split = createSplitter((body) => {
    // Both ends are one build, and the pipe is theirs alone.
    for (const message of deserialize(body) as readonly Received[]) receive(message)
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
