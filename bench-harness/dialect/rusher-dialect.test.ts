import { expect, test, vi } from 'vitest'
import { opcodes } from '../wire/frames.ts'
import { Connection } from '../worker/connection.ts'
import type { Hears } from './dialect.ts'
import { createRusherDialect } from './rusher-dialect.ts'

const destination = {
  host: '127.0.0.1',
  port: 80,
  request: { bytesFor: () => Buffer.alloc(0), accept: '' },
}
/** Beyond every reference of an entry: the session is ready. */
const ready = 16

test('a ping is answered alone, and in one frame with events', () => {
  const send = vi.fn()
  const asked = vi.fn()
  const delivered = vi.fn()
  const dialect = createRusherDialect({
    send,
    hears: { asked, delivered } as unknown as Hears,
  })
  const connection = new Connection(0, 0, destination, 0)
  connection.step = ready
  const hear = (text: string): void => dialect.message(connection, opcodes.text, Buffer.from(text))
  hear('{"type":"ping"}')
  expect(send).toHaveBeenCalledTimes(1)
  const body = { kind: 'say', text: 'x'.repeat(200) }
  const event = { type: 'event', channel: 'chat:a', offset: 1, body }
  hear(JSON.stringify([event, { type: 'ping' }]))
  expect(send).toHaveBeenCalledTimes(2)
  expect(send.mock.calls[1]?.[1]).toEqual(send.mock.calls[0]?.[1])
  expect(asked).toHaveBeenCalledTimes(2)
  expect(delivered).toHaveBeenCalledTimes(1)
})

test('a drain between the answers to connect and join does not keep a session from being ready', () => {
  const readied = vi.fn()
  const broken = vi.fn()
  const hears = { ready: readied, broken, drained: vi.fn(), joined: vi.fn() }
  const dialect = createRusherDialect({ send: vi.fn(), hears: hears as unknown as Hears })
  const connection = new Connection(0, 0, destination, 0)
  connection.step = 3
  const frame = [
    { type: 'reply', ref: 1, ok: {} },
    { type: 'drain', afterMs: 100 },
    { type: 'reply', ref: 2, ok: { channels: [] } },
  ]
  dialect.message(connection, opcodes.text, Buffer.from(JSON.stringify(frame)))
  expect(broken).not.toHaveBeenCalled()
  expect(readied).toHaveBeenCalledOnce()
})
