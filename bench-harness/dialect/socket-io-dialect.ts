import { encodeFrame, opcodes } from '../wire/frames.ts'
import type { Connection } from '../worker/connection.ts'
import type { Dialect, DialectParts } from './dialect.ts'

/*
 * Socket.IO 4 over WebSocket alone (Engine.IO protocol 4, Socket.IO protocol 5). A packet is an Engine.IO type and, within a message (4), a
 * Socket.IO type: `40` connects, `42` is an event, `43` an acknowledgement. The server pings with `2`.
 */

const awaitsOpen = 0
const awaitsConnect = 1
const awaitsJoin = 2
const isReady = 3

export function createSocketIoDialect({ send, hears }: DialectParts): Dialect {
  const say = (connection: Connection, text: string): void =>
    send(connection, encodeFrame(opcodes.text, text))

  function enter(connection: Connection, text: string): void {
    if (connection.step === awaitsOpen && text.startsWith('0')) {
      connection.step = awaitsConnect
      return say(connection, '40')
    }
    if (text.startsWith('44')) return hears.refusedEntry(connection, text)
    if (connection.step === awaitsConnect && text.startsWith('40')) {
      const channels = hears.entryOf(connection).channels.map(({ channel }) => channel)
      if (channels.length === 0) return finish(connection)
      connection.step = awaitsJoin
      return say(connection, `420${JSON.stringify(['join', channels])}`)
    }
    if (connection.step === awaitsJoin && text.startsWith('430')) return finish(connection)
    hears.broken(connection, text.slice(0, 200))
  }

  function finish(connection: Connection): void {
    connection.step = isReady
    hears.ready(connection)
  }

  return {
    name: 'socket.io',
    opened(connection) {
      connection.step = awaitsOpen
    },
    message(connection, _opcode, payload) {
      const text = payload.toString()
      if (text === '2') return say(connection, '3')
      if (connection.step !== isReady) return enter(connection, text)
      const acknowledged = /^43(\d+)/.exec(text)
      if (acknowledged !== null) return hears.echoed(connection, Number(acknowledged[1]))
      const said = /^42\["say","([^"]*)","([^"]*)"\]$/.exec(text)
      if (said !== null)
        hears.delivered(connection, { channel: said[1] ?? '', body: said[2] ?? '' })
    },
    echo(connection, no, text) {
      say(connection, `42${no}["echo","${text}"]`)
    },
    publish(connection, { channel, body }) {
      say(connection, `42["say","${channel}","${String(body)}"]`)
    },
  }
}
