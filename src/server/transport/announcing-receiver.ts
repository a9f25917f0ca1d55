import * as library from 'ws'

/**
 * The internals of ws' receiver that are used here. ws publishes no type for it. A receiver parses
 * the frames of one socket.
 */
interface ReceiverInside {
  _opcode: number
  /** Payload bytes of the current frame, and of the earlier frames of its message. */
  _payloadLength: number
  _totalPayloadLength: number
  _maxPayload: number
  /** Bytes of the finished frames of the message, and bytes that arrived and were not yet read. */
  _messageLength: number
  _bufferedBytes: number
  _maxBufferedChunks: number
  _maxFragments: number
  /** Called once the length of a frame is known, before its payload is read. */
  haveLength(done: (error?: Error) => void): void
  /** Called when content of a frame has arrived. */
  getData(done: (error?: Error) => void): void
}

const { Receiver } = library as unknown as { readonly Receiver: new () => ReceiverInside }

/** Opcodes from here on are control frames, which have at most 125 bytes. */
const controlOpcode = 8
const textOpcode = 1
/**
 * A slow network delivers a large message in small chunks. Allows one chunk per `chunkBytes` and
 * one fragment per `fragmentBytes`, but never fewer than for small messages.
 */
const pieces = { chunkBytes: 512, chunksMin: 4_096, fragmentBytes: 4_096, fragmentsMin: 1_024 }

/**
 * Returns the largest accepted size of a large message, in bytes, before its content is read.
 */
export type Announce<Socket> = (socket: Socket, bytes: number, isText: boolean) => number

/**
 * Gives a function that has a socket of ws announce each message of more than `plainBytesMax` bytes
 * before its content is read. The answer is the largest size that is taken, and the socket can be
 * paused meanwhile. While such a message is incomplete, `arrived` gets the bytes of it that have
 * arrived. Other messages are read as ever. A socket takes no memory for it: what is
 * changed is the prototype of its receiver, which all sockets share.
 */
export function createAnnouncing<Socket extends library.WebSocket>(
  plainBytesMax: number,
  announce: Announce<Socket>,
  arrived: (socket: Socket, bytes: number) => void,
): (socket: Socket) => void {
  let ownerKey: symbol | undefined

  function bound(receiver: ReceiverInside): void {
    const bytes = receiver._totalPayloadLength + receiver._payloadLength
    receiver._maxBufferedChunks = Math.max(pieces.chunksMin, Math.ceil(bytes / pieces.chunkBytes))
    receiver._maxFragments = Math.max(pieces.fragmentsMin, Math.ceil(bytes / pieces.fragmentBytes))
    if (bytes <= plainBytesMax || ownerKey === undefined) {
      receiver._maxPayload = plainBytesMax
      return
    }
    const owner = (receiver as unknown as Record<symbol, Socket>)[ownerKey]
    if (owner === undefined) throw new Error('ws did not provide the WebSocket of the receiver')
    receiver._maxPayload = announce(owner, bytes, receiver._opcode === textOpcode)
  }

  class AnnouncingReceiver extends Receiver {
    override haveLength(done: (error?: Error) => void): void {
      if (this._opcode < controlOpcode) bound(this)
      super.haveLength(done)
    }

    override getData(done: (error?: Error) => void): void {
      const isLarge = this._maxPayload > plainBytesMax && this._opcode < controlOpcode
      if (isLarge && this._bufferedBytes < this._payloadLength && ownerKey !== undefined) {
        const owner = (this as unknown as Record<symbol, Socket>)[ownerKey]
        if (owner !== undefined) arrived(owner, this._messageLength + this._bufferedBytes)
      }
      super.getData(done)
    }
  }

  return (socket) => {
    const { _receiver: receiver } = socket as unknown as { readonly _receiver: ReceiverInside }
    ownerKey ??= Object.getOwnPropertySymbols(receiver).find(
      ({ description }) => description === 'websocket',
    )
    Object.setPrototypeOf(receiver, AnnouncingReceiver.prototype)
  }
}
