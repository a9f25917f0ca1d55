import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding'
import {
  createEncoder,
  toUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'
import { encodeFrame, opcodes } from '../wire/frames.ts'
import type { Connection } from '../worker/connection.ts'
import type { Dialect, DialectParts } from './dialect.ts'

/*
 * Documents as a Hocuspocus provider of version 4 opens them: the document's name, a kind of message, and for `sync` a step of
 * y-protocols. Each update and each second step is answered by a SyncStatus.
 */

const kinds = { sync: 0, awareness: 1, auth: 2, close: 7, status: 8 } as const
const steps = { first: 0, second: 1, update: 2 } as const

const awaitsSync = 0
const isReady = 1

export function createHocuspocusDialect({ send, hears }: DialectParts): Dialect {
  /** What a connection has sent and not heard of, in order; undefined for what nobody waits for. */
  const waiting = new WeakMap<Connection, (number | undefined)[]>()

  const documentOf = (connection: Connection): string =>
    hears.entryOf(connection).channels[0]?.channel ?? 'document'

  function sendStep(connection: Connection, step: number, bytes: Uint8Array, no?: number): void {
    const encoder = createEncoder()
    writeVarString(encoder, documentOf(connection))
    writeVarUint(encoder, kinds.sync)
    writeVarUint(encoder, step)
    writeVarUint8Array(encoder, bytes)
    if (step !== steps.first) waiting.get(connection)?.push(no)
    send(connection, encodeFrame(opcodes.binary, toUint8Array(encoder)))
  }

  function receiveSync(connection: Connection, channel: string, step: number, bytes: Uint8Array) {
    // A copy, since what came lies in the buffer that the next read fills.
    if (step !== steps.first) hears.delivered(connection, { channel, body: Uint8Array.from(bytes) })
    else sendStep(connection, steps.second, Uint8Array.of(0, 0))
    if (step !== steps.second || connection.step === isReady) return
    connection.step = isReady
    hears.ready(connection)
  }

  return {
    name: 'hocuspocus',
    opened(connection) {
      connection.step = awaitsSync
      waiting.set(connection, [])
      const encoder = createEncoder()
      writeVarString(encoder, documentOf(connection))
      writeVarUint(encoder, kinds.auth)
      writeVarUint(encoder, 0)
      writeVarString(encoder, hears.tokenOf(connection) ?? '')
      writeVarString(encoder, '4.8.0')
      send(connection, encodeFrame(opcodes.binary, toUint8Array(encoder)))
      sendStep(connection, steps.first, Uint8Array.of(0))
    },
    message(connection, opcode, payload) {
      if (opcode !== opcodes.binary) return
      try {
        const decoder = createDecoder(payload)
        const channel = readVarString(decoder)
        const kind = readVarUint(decoder)
        if (kind === kinds.sync)
          receiveSync(connection, channel, readVarUint(decoder), readVarUint8Array(decoder))
        else if (kind === kinds.status) {
          const no = waiting.get(connection)?.shift()
          if (no === undefined) return
          if (readVarUint(decoder) === 1) hears.acknowledged(connection, no, undefined)
          else hears.refused(connection, no, 'NOT_SAVED', false)
        } else if (kind === kinds.auth && readVarUint(decoder) === 1)
          hears.refusedEntry(connection, readVarString(decoder))
        else if (kind === kinds.close)
          hears.broken(connection, `the document was closed: ${readVarString(decoder)}`)
      } catch (error) {
        hears.broken(connection, error instanceof Error ? error.message : String(error))
      }
    },
    publish(connection, { no, body }) {
      if (typeof body !== 'string') sendStep(connection, steps.update, body, no)
    },
  }
}
