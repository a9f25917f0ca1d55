import { encodeFrame, opcodes } from '../wire/frames.ts'
import type { Dialect, DialectParts } from './dialect.ts'

/*
 * Any WebSocket server. Nothing is known of it but that it upgrades; that is when a session is ready. A text that comes begins with what it is
 * for: `e`, a number and who asked for an echo, `p` for something published, which a server that broadcasts gives to everybody. Such a server
 * also gives everybody what was meant as an echo; only who asked is answered by it.
 */

export function createPlainDialect({ send, hears }: DialectParts): Dialect {
  return {
    name: 'plain',
    opened: (connection) => hears.ready(connection),
    message(connection, _opcode, payload) {
      const kind = payload[0]
      if (kind === 0x65) {
        const [no = '', user] = payload.toString('latin1', 1).split(' ')
        if (/^\d+$/.test(no) && user === hears.entryOf(connection).user)
          hears.echoed(connection, Number(no))
      } else if (kind === 0x70)
        hears.delivered(connection, { channel: '', body: payload.subarray(1).toString() })
    },
    echo(connection, no, text) {
      send(
        connection,
        encodeFrame(opcodes.text, `e${no} ${hears.entryOf(connection).user} ${text}`),
      )
    },
    publish(connection, { body }) {
      send(connection, encodeFrame(opcodes.text, `p${String(body)}`))
    },
  }
}
