import { encodeFrame, opcodes } from '../wire/frames.ts'
import type { Dialect, DialectParts } from './dialect.ts'

/*
 * Any WebSocket server. Nothing is known of it but that it upgrades; that is when a session is ready. A text that comes begins with what it is
 * for: `e` and a number for an echo, `p` for something published, which a server that broadcasts gives to everybody.
 */

export function createPlainDialect({ send, hears }: DialectParts): Dialect {
  return {
    name: 'plain',
    opened: (connection) => hears.ready(connection),
    message(connection, _opcode, payload) {
      const kind = payload[0]
      if (kind === 0x65) {
        const no = Number.parseInt(payload.subarray(1, 20).toString('latin1'), 10)
        if (Number.isInteger(no)) hears.echoed(connection, no)
      } else if (kind === 0x70)
        hears.delivered(connection, { channel: '', body: payload.subarray(1).toString() })
    },
    echo(connection, no, text) {
      send(connection, encodeFrame(opcodes.text, `e${no} ${text}`))
    },
    publish(connection, { body }) {
      send(connection, encodeFrame(opcodes.text, `p${String(body)}`))
    },
  }
}
