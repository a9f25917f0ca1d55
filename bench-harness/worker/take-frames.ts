import {
  encodeClose,
  encodeFrame,
  type FrameHead,
  messageBytesMax,
  opcodes,
  readHead,
} from '../wire/frames.ts'
import type { Connection } from './connection.ts'

export interface FrameEvents {
  /** False once the connection has ended: then nothing more of it is read. */
  open(connection: Connection): boolean
  message(connection: Connection, opcode: number, payload: Buffer): void
  send(connection: Connection, frame: Buffer): void
  closed(connection: Connection, code: number, reason: string): void
  /** The server sent what no server may send. */
  broken(connection: Connection, why: string): void
}

/** Cuts what came into frames. What is not whole yet is copied and kept; nothing else is. */
export function takeFrames(connection: Connection, bytes: Buffer, events: FrameEvents): void {
  let at = 0
  while (at < bytes.length && events.open(connection)) {
    const head = readHead(bytes, at)
    if (typeof head === 'string') return events.broken(connection, head)
    if (head === undefined || at + head.headBytes + head.payloadBytes > bytes.length) break
    at += head.headBytes
    takeFrame(connection, head, bytes.subarray(at, at + head.payloadBytes), events)
    at += head.payloadBytes
  }
  if (at < bytes.length && events.open(connection))
    connection.held = Buffer.from(bytes.subarray(at))
}

function takeFrame(
  connection: Connection,
  { opcode, final }: FrameHead,
  payload: Buffer,
  events: FrameEvents,
): void {
  switch (opcode) {
    case opcodes.ping:
      return events.send(connection, encodeFrame(opcodes.pong, payload))
    case opcodes.pong:
      return
    case opcodes.close: {
      const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
      events.send(connection, encodeClose(code === 1005 ? 1000 : code))
      return events.closed(connection, code, payload.subarray(2).toString())
    }
    case opcodes.continuation:
      if (connection.fragments === undefined)
        return events.broken(connection, 'a frame continues nothing')
      break
    default:
      if (connection.fragments !== undefined)
        return events.broken(connection, 'a message begins within another')
      if (final) return events.message(connection, opcode, payload)
      connection.fragments = []
      connection.fragmentsOpcode = opcode
  }
  connection.fragments.push(Buffer.from(payload))
  const length = connection.fragments.reduce((sum, part) => sum + part.length, 0)
  if (length > messageBytesMax) return events.broken(connection, 'a message without an end')
  if (!final) return
  const whole = Buffer.concat(connection.fragments)
  connection.fragments = undefined
  events.message(connection, connection.fragmentsOpcode, whole)
}
