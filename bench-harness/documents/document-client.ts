import {
  createEncoder,
  toUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'
import { WebSocket } from 'ws'

/** A connection that speaks as a Hocuspocus provider does, as cheaply as can be: both servers get the same. */
export interface DocumentClient {
  /** Frames with an update that came. */
  readonly updates: number
  /** Sends an update; `acknowledged` is called at its SyncStatus. */
  send(update: Uint8Array, acknowledged?: () => void): void
  close(): void
}

/** Opens a document and resolves when it is in step. */
export function openClient(url: string, document: string): Promise<DocumentClient> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  const prefix = Buffer.concat([Uint8Array.of(document.length), Buffer.from(document)])
  const waiting: ((() => void) | undefined)[] = []
  let updates = 0
  const client: DocumentClient = {
    get updates() {
      return updates
    },
    send(update, acknowledged) {
      waiting.push(acknowledged)
      socket.send(frameOf(document, 2, update))
    },
    close: () => socket.terminate(),
  }
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => {
      socket.send(tokenOf(document))
      socket.send(frameOf(document, 0, Uint8Array.of(0)))
    })
    socket.on('message', (frame: Buffer) => {
      const type = frame[prefix.length]
      const step = frame[prefix.length + 1]
      if (type === 8) waiting.shift()?.()
      else if (type === 0 && step === 2) updates += 1
      // The server's own SyncStep1 wants an answer, whose acknowledgement nobody waits for.
      else if (type === 0 && step === 0) {
        waiting.push(undefined)
        socket.send(frameOf(document, 1, Uint8Array.of(0, 0)))
      } else if (type === 0 && step === 1) resolve(client)
    })
  })
}

function frameOf(document: string, step: number, bytes: Uint8Array): Uint8Array {
  const encoder = createEncoder()
  writeVarString(encoder, document)
  writeVarUint(encoder, 0)
  writeVarUint(encoder, step)
  writeVarUint8Array(encoder, bytes)
  return toUint8Array(encoder)
}

function tokenOf(document: string): Uint8Array {
  const encoder = createEncoder()
  writeVarString(encoder, document)
  writeVarUint(encoder, 2)
  writeVarUint(encoder, 0)
  writeVarString(encoder, '')
  writeVarString(encoder, '4.8.0')
  return toUint8Array(encoder)
}

/** The update in which a client appends a text at a clock; from clock 1 on it follows on what it wrote before. */
export function appendOf(clientId: number, clock: number, text: string): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, 1)
  writeVarUint(encoder, 1)
  writeVarUint(encoder, clientId)
  writeVarUint(encoder, clock)
  if (clock === 0) {
    writeVarUint(encoder, 4)
    writeVarUint(encoder, 1)
    writeVarString(encoder, 't')
  } else {
    encoder.cbuf[encoder.cpos] = 0x84
    encoder.cpos += 1
    writeVarUint(encoder, clientId)
    writeVarUint(encoder, clock - 1)
  }
  writeVarString(encoder, text)
  writeVarUint(encoder, 0)
  return toUint8Array(encoder)
}
