import type { DocumentConnection, LargeFrame } from './document-connection.ts'
import type { LargeFramesContext } from './large-frames.ts'
import type { Refusals } from './refusals.ts'
import type { SubscriptionActions } from './subscription-context.ts'

const logEveryMs = 60_000
const fieldCharsMax = 200

/** Whose share of the memory for large frames a frame counts towards. */
export function shareKeyOf(socket: DocumentConnection, sharePer: 'user' | 'address'): string {
  if (sharePer === 'user') {
    for (const { state, identity } of socket.places.values()) {
      const isKnown = identity !== undefined && identity.anonymous !== true
      if (state === 'open' && isKnown) return `user ${identity.user.id}`
    }
  }
  return `address ${socket.remote === '' ? (socket.transport.remoteAddress ?? '') : socket.remote}`
}

/**
 * Ends connections whose large frame cannot be accepted: each is counted, and its sender is told
 * why. Slow ones are logged, at most once a minute, with how many there were.
 */
export function createLargeFrameEnds(
  { options, close }: SubscriptionActions,
  refusals: Refusals,
): Pick<LargeFramesContext, 'keyOf' | 'oversize' | 'readOnly' | 'slow' | 'unadmitted'> {
  const { limits, clock, log, metrics, sharePer } = options
  let loggedMs = Number.NEGATIVE_INFINITY
  let unlogged = 0

  function refuse(
    socket: DocumentConnection,
    fault: 'DOCUMENT_FULL' | 'READ_ONLY',
    detail: string,
  ): void {
    for (const place of [...socket.places.values()]) {
      if (place.state === 'open') refusals.refused(place, 'update', fault, detail)
    }
    // A session comes back, where a client of documents alone would with the same bytes.
    close(socket, socket.entry.session === undefined ? 'TOO_LARGE' : 'OVERLOADED', detail)
  }

  function report(frame: LargeFrame): void {
    metrics.refused('LARGE_FRAME_SLOW')
    unlogged += 1
    const nowMs = clock.monotonicMs()
    if (nowMs - loggedMs < logEveryMs) return
    const { key = '', wanted, received } = frame
    const about = { sender: key.slice(0, fieldCharsMax), bytes: wanted, received, ended: unlogged }
    log.warn(about, 'a large document frame came in too slowly and was ended')
    loggedMs = nowMs
    unlogged = 0
  }

  return {
    keyOf: (socket) => shareKeyOf(socket, sharePer),
    oversize(socket, bytes) {
      const detail = `a message of ${bytes} bytes is more than the ${limits.documentFrameBytesMax} that are read`
      refuse(socket, 'DOCUMENT_FULL', detail)
    },
    readOnly(socket, bytes) {
      refuse(socket, 'READ_ONLY', `a message of ${bytes} bytes from a user who may only read`)
    },
    slow(socket, frame) {
      report(frame)
      close(socket, 'TOO_SLOW')
    },
    unadmitted(socket) {
      close(socket, 'OVERLOADED', 'the sender of a large message was not admitted in time')
    },
  }
}
