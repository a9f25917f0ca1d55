import * as library from 'ws'

/**
 * What this file needs of ws' receiver, which has no published type: it reads the frames of one
 * socket.
 */
interface ReceiverInside {
  _opcode: number
  /** Bytes of the frame whose head was read, and of the frames of its message before it. */
  _payloadLength: number
  _totalPayloadLength: number
  _maxPayload: number
  _maxBufferedChunks: number
  _maxFragments: number
  /** Called when the length of a frame is known and nothing of its content was read. */
  haveLength(done: (error?: Error) => void): void
}

const { Receiver } = library as unknown as { readonly Receiver: new () => ReceiverInside }

/** Opcodes from here on are control frames, which have at most 125 bytes. */
const controlOpcode = 8
const textOpcode = 1
/**
 * A slow network brings a large message in small pieces: there may be one for so many bytes, and
 * never fewer than usual.
 */
const pieces = { chunkBytes: 512, chunksMin: 4_096, fragmentBytes: 4_096, fragmentsMin: 1_024 }

/**
 * Says how large a message may be, once it is known to be larger than usual and before its content
 * is read.
 */
export type Announce<Socket> = (socket: Socket, bytes: number, isText: boolean) => number

/**
 * Gives a function that has a socket of ws announce each message of more than `plainBytesMax` bytes
 * before its content is read. The answer is the largest size that is taken, and the socket can be
 * paused meanwhile. Other messages are read as ever. A socket takes no memory for it: what is
 * changed is the prototype of its receiver, which all sockets share.
 */
export function createAnnouncing<Socket extends library.WebSocket>(
  plainBytesMax: number,
  announce: Announce<Socket>,
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
  }

  return (socket) => {
    const { _receiver: receiver } = socket as unknown as { readonly _receiver: ReceiverInside }
    ownerKey ??= Object.getOwnPropertySymbols(receiver).find(
      ({ description }) => description === 'websocket',
    )
    Object.setPrototypeOf(receiver, AnnouncingReceiver.prototype)
  }
}
