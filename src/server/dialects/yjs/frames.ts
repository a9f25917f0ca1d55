import {
  createDecoder,
  type Decoder,
  hasContent,
  readVarString,
  readVarUint,
  readVarUint8Array,
} from 'lib0/decoding'
import {
  createEncoder,
  type Encoder,
  toUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'

/*
 * The frames of the two families of Yjs clients. What follows the address is the same in both, as far as y-protocols goes:
 *
 *   frame      = [address] body            the address only from and to Hocuspocus clients
 *   address    = text                      name of the document, or name 00 session id
 *   sync       = 00 step bytes             step 0: state vector; 1: what was missing; 2: an update
 *   awareness  = 01 bytes
 *   auth       = 02 00 text                y-websocket, from the server: denied
 *              | 02 00 text [text]         Hocuspocus, from the client: a token, and its version from 4 on
 *              | 02 00 | 02 01 text | 02 02 text     from the server: send a token again | denied | who may do what
 *   query      = 03                        asks for everybody's awareness
 *   stateless  = 05 text                   Hocuspocus
 *   close      = 07 [text]                 Hocuspocus: one document is left; the connection stays
 *   status     = 08 (00 | 01)              Hocuspocus, from the server: an update was refused | is on disk
 *   ping, pong = 09, 0a                    Hocuspocus 4, alone in their frame
 */

/** What a client says about a document. */
export type ClientMessage =
  | { readonly kind: 'step 1'; readonly stateVector: Uint8Array }
  | { readonly kind: 'step 2' | 'update'; readonly update: Uint8Array }
  | { readonly kind: 'awareness'; readonly entries: Uint8Array }
  | { readonly kind: 'query awareness' }
  | { readonly kind: 'token'; readonly token: string; readonly providerVersion?: string }
  | { readonly kind: 'stateless'; readonly text: string }
  | { readonly kind: 'close' }
  /** Of a type that nobody told us about: passed over, so that a newer client can speak to us. */
  | { readonly kind: 'unknown'; readonly type: number }

const types = {
  sync: 0,
  awareness: 1,
  auth: 2,
  query: 3,
  stateless: 5,
  close: 7,
  status: 8,
} as const
const steps = ['step 1', 'step 2', 'update'] as const

/** Longest address, token and other text that is read, in bytes. */
const textBytesMax = 64 * 1024

/** Decodes a frame of a Hocuspocus client. Undefined where it is none. */
export function decodeAddressed(
  frame: Uint8Array,
): { readonly address: string; readonly message: ClientMessage } | undefined {
  return decode(frame, (decoder) => {
    const address = readText(decoder)
    return { address, message: readMessage(decoder, true) }
  })
}

/** Decodes a frame of a y-websocket client. Undefined where it is none. */
export function decodePlain(frame: Uint8Array): ClientMessage | undefined {
  return decode(frame, (decoder) => readMessage(decoder, false))
}

function decode<Result>(frame: Uint8Array, read: (decoder: Decoder) => Result): Result | undefined {
  try {
    return read(createDecoder(frame))
  } catch {
    // lib0 throws where bytes end early or a number is too large: this frame is not one of ours.
    return undefined
  }
}

function readMessage(decoder: Decoder, addressed: boolean): ClientMessage {
  const type = readVarUint(decoder)
  switch (type) {
    case types.sync:
      return readSync(decoder)
    case types.awareness:
      return { kind: 'awareness', entries: readVarUint8Array(decoder) }
    case types.query:
      return { kind: 'query awareness' }
    case types.auth:
      return addressed ? readToken(decoder) : { kind: 'unknown', type }
    case types.stateless:
      // No tighter limit here: a later check rejects long text with its limit, not as a bad frame.
      return addressed
        ? { kind: 'stateless', text: readVarString(decoder) }
        : { kind: 'unknown', type }
    case types.close:
      return addressed ? { kind: 'close' } : { kind: 'unknown', type }
    default:
      return { kind: 'unknown', type }
  }
}

function readSync(decoder: Decoder): ClientMessage {
  const kind = steps[readVarUint(decoder)]
  const bytes = readVarUint8Array(decoder)
  if (kind === undefined) return { kind: 'unknown', type: types.sync }
  return kind === 'step 1' ? { kind, stateVector: bytes } : { kind, update: bytes }
}

function readToken(decoder: Decoder): ClientMessage {
  if (readVarUint(decoder) !== 0) return { kind: 'unknown', type: types.auth }
  const token = readText(decoder)
  if (!hasContent(decoder)) return { kind: 'token', token }
  return { kind: 'token', token, providerVersion: readText(decoder) }
}

function readText(decoder: Decoder): string {
  const { pos } = decoder
  const bytes = readVarUint(decoder)
  if (bytes > textBytesMax) throw new RangeError('a text is too long')
  decoder.pos = pos
  return readVarString(decoder)
}

/** What the server says about a document; `frameOf` makes a frame of it. */
export const body = {
  step1: (stateVector: Uint8Array) => sync(0, stateVector),
  step2: (update: Uint8Array) => sync(1, update),
  update: (update: Uint8Array) => sync(2, update),
  awareness: (entries: Uint8Array) =>
    encode((encoder) => {
      writeVarUint(encoder, types.awareness)
      writeVarUint8Array(encoder, entries)
    }),
  /** y-protocols: a word of why something is not allowed. */
  denied: (reason: string) => auth(0, reason),
  hocuspocus: {
    sendToken: () => auth(0),
    denied: (reason: string) => auth(1, reason),
    authenticated: (scope: 'read-write' | 'readonly') => auth(2, scope),
    stateless: (text: string) =>
      encode((encoder) => {
        writeVarUint(encoder, types.stateless)
        writeVarString(encoder, text)
      }),
    close: (reason: string) =>
      encode((encoder) => {
        writeVarUint(encoder, types.close)
        writeVarString(encoder, reason)
      }),
    status: (saved: boolean) =>
      encode((encoder) => {
        writeVarUint(encoder, types.status)
        writeVarUint(encoder, saved ? 1 : 0)
      }),
  },
} as const

/** An update that has nothing in it. */
export const emptyUpdate = Uint8Array.of(0, 0)

/** Makes a frame: the body, behind the address where the client has one. */
export function frameOf(address: string | undefined, bytes: Uint8Array): Uint8Array {
  if (address === undefined) return bytes
  const prefix = encode((encoder) => writeVarString(encoder, address))
  return Buffer.concat([prefix, bytes])
}

/** Above this many bytes, parts are joined directly: an encoder would copy them more than once. */
const encodedBytesMax = 64 * 1024

function sync(step: 0 | 1 | 2, bytes: Uint8Array): Uint8Array {
  const isLarge = bytes.length > encodedBytesMax
  const head = encode((encoder) => {
    writeVarUint(encoder, types.sync)
    writeVarUint(encoder, step)
    if (isLarge) writeVarUint(encoder, bytes.length)
    else writeVarUint8Array(encoder, bytes)
  })
  return isLarge ? Buffer.concat([head, bytes]) : head
}

function auth(kind: 0 | 1 | 2, text?: string): Uint8Array {
  return encode((encoder) => {
    writeVarUint(encoder, types.auth)
    writeVarUint(encoder, kind)
    if (text !== undefined) writeVarString(encoder, text)
  })
}

function encode(write: (encoder: Encoder) => void): Uint8Array {
  const encoder = createEncoder()
  write(encoder)
  return toUint8Array(encoder)
}
