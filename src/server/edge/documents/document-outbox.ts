import type { Limits } from '../../../protocol/index.ts'
import type { EdgeMetrics } from '../../metrics/metrics.ts'
import type { DocumentConnection } from './document-connection.ts'

/**
 * Batches frames into one write per socket and event-loop tick. `failed` reports a socket that lost
 * frames.
 */
export interface DocumentOutbox {
  offer(socket: DocumentConnection, frame: Uint8Array): void
  flush(socket: DocumentConnection): void
}

export function createDocumentOutbox(
  limits: Pick<Limits, 'outboxSoftBytes'>,
  metrics: Pick<EdgeMetrics, 'delivered'>,
  nowMs: () => number,
  congest: (socket: DocumentConnection) => void,
  failed: (error: unknown, socket: DocumentConnection) => void,
): DocumentOutbox {
  let sockets: DocumentConnection[] = []

  function flush(socket: DocumentConnection): void {
    const { out, transport } = socket
    if (out === undefined) return
    socket.out = undefined
    if (socket.state === 'closed') return
    transport.sendBinary(out)
    socket.spokenMs = nowMs()
    let bytes = 0
    for (const { length } of out) bytes += length
    metrics.delivered(out.length, out.length, bytes)
    if (!socket.congested && transport.bufferedBytes > limits.outboxSoftBytes) congest(socket)
  }

  function flushAll(): void {
    const turn = sockets
    sockets = []
    for (const socket of turn) {
      try {
        flush(socket)
      } catch (error) {
        failed(error, socket)
      }
    }
  }

  return {
    flush,
    offer(socket, frame) {
      if (socket.state === 'closed') return
      if (socket.out !== undefined) {
        socket.out.push(frame)
        return
      }
      socket.out = [frame]
      sockets.push(socket)
      if (sockets.length === 1) setImmediate(flushAll)
    },
  }
}
