import { describe, expect, test } from 'vitest'
import { earlyProtocols } from '../../src/protocol/index.ts'
import { openWire, statusIn, upgradeRequest, type Wire } from '../parts/http.ts'
import { connectRaw } from '../parts/raw-client.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

const connect = { type: 'connect', ref: 1, version: 1, user: { id: 'ada' } }
const join = { type: 'join', ref: 2, channels: [{ channel: 'chat:a' }, { channel: 'chat:b' }] }

/** Opens a connection whose upgrade brings this frame, and looks at what comes back first. */
function openEarly(port: number, frame: string, path?: string): Wire {
  const offered = earlyProtocols(frame)?.join(', ') ?? ''
  const wire = openWire(port)
  wire.socket.write(upgradeRequest(port, { 'Sec-WebSocket-Protocol': offered }, path))
  return wire
}

/** The head of the answer, and what stands behind it. */
async function answered(wire: Wire): Promise<{ head: string; rest: string }> {
  await until('it is answered', () => wire.text().includes('\r\n\r\n'))
  const [head = '', ...rest] = wire.text().split('\r\n\r\n')
  return { head, rest: rest.join('\r\n\r\n') }
}

/** The payload of the first frame in these bytes. */
function firstPayload(bytes: string): unknown {
  const held = Buffer.from(bytes, 'latin1')
  const short = held[1] ?? 0
  const [from, length] = short < 126 ? [2, short] : [4, held.readUInt16BE(2)]
  return JSON.parse(held.subarray(from, from + length).toString())
}

/** Resolves when the server has sent a close with this code: the reason stands behind two bytes of it. */
async function closedWith(wire: Wire, code: number): Promise<void> {
  const close = String.fromCharCode(code >> 8, code & 0xff)
  await until(`it is closed with ${code}`, () => wire.text().includes(close))
}

describe.each(shapes)('a first frame that comes with the upgrade, $shape', ({ edges }) => {
  const start = (config = '{}') => serve({ directory: temporaryDirectory(), edges, config })

  test('is answered in one piece with it, and the session goes on as any other', async () => {
    const { port, url } = await start()
    const wire = openEarly(port, JSON.stringify([connect, join]))
    const pieces: number[] = []
    wire.socket.on('data', (piece: Buffer) => void pieces.push(piece.length))
    const { head, rest } = await answered(wire)
    expect(statusIn(head)).toBe(101)
    expect(head).toMatch(/\r\nSec-WebSocket-Protocol: rusher(\r\n|$)/)
    expect(firstPayload(rest)).toMatchObject([
      { type: 'reply', ref: 1, ok: { user: { id: 'ada' } } },
      { type: 'reply', ref: 2, ok: { channels: [{ channel: 'chat:a' }, { channel: 'chat:b' }] } },
    ])
    expect(pieces).toHaveLength(1)

    const bob = await connectRaw(url)
    await bob.say('chat:b', 'hello ada')
    await until('ada hears bob', () => wire.text().includes('hello ada'))
  })

  test('that is refused is answered, and the session closed as after any other', async () => {
    const { port } = await start('{ auth: { identify: () => undefined } }')
    const wire = openEarly(port, JSON.stringify(connect))
    await closedWith(wire, 4401)
    const { head, rest } = await answered(wire)
    expect(statusIn(head)).toBe(101)
    expect(firstPayload(rest)).toMatchObject({ ref: 1, error: { code: 'TOKEN_REFUSED' } })
  })

  test('waits for a token that is looked up, and for a permission', async () => {
    const { port } = await start(`{
      auth: { identify: () => later({ user: { id: 'eve' } }) },
      permit: () => later(true),
    }
    function later(value) {
      return new Promise((resolve) => setTimeout(resolve, 100, value))
    }`)
    const wire = openEarly(port, JSON.stringify([connect, join]))
    const { rest } = await answered(wire)
    expect(firstPayload(rest)).toMatchObject([
      { ref: 1, ok: { user: { id: 'eve' } } },
      { ref: 2, ok: { channels: [{ position: { offset: 0 } }, { position: { offset: 0 } }] } },
    ])
  })

  test('is the only one until it is answered, also while a permission is looked up', async () => {
    const never = '() => new Promise(() => undefined)'
    const { port } = await start(`{ permit: ${never} }`)
    for (const [frame, code] of [
      ['\x81\x82\0\0\0\0[]', 4405],
      ['\x82\x81\0\0\0\0x', 4400],
    ] as const) {
      const wire = openEarly(port, JSON.stringify([connect, join]))
      wire.socket.write(Buffer.from(frame, 'latin1'))
      await closedWith(wire, code)
    }
  })

  test('whose token takes too long is closed 4408 all the same', async () => {
    const never = '{ identify: () => new Promise(() => undefined) }'
    const { port } = await start(`{ auth: ${never}, limits: { connectMs: 300 } }`)
    const wire = openEarly(port, JSON.stringify(connect))
    await closedWith(wire, 4408)
    expect(statusIn(wire.text())).toBe(101)
  })

  test('is held to what any first frame is held to', async () => {
    const { port } = await start('{ limits: { connectFrameBytesMax: 256 } }')
    for (const [frame, code] of [
      ['[]', 4400],
      ['{', 4400],
      ['{"type":"ping","ref":1}', 4405],
      [JSON.stringify({ ...connect, token: 'x'.repeat(256) }), 1009],
    ] as const) {
      const wire = openEarly(port, frame)
      await closedWith(wire, code)
      expect([frame, statusIn(wire.text())]).toEqual([frame, 101])
    }
  })

  test('is not taken up where it cannot be read, nor by documents, and nothing of it is echoed', async () => {
    const { port } = await start()
    const wire = openWire(port)
    const offered = 'rusher, rusher.early.%FF'
    wire.socket.write(upgradeRequest(port, { 'Sec-WebSocket-Protocol': offered }))
    const other = openEarly(port, JSON.stringify(connect), '/docs')
    for (const one of [wire, other]) {
      const { head, rest } = await answered(one)
      expect(statusIn(head)).toBe(101)
      expect(head.toLowerCase()).not.toContain('sec-websocket-protocol')
      expect(rest).toBe('')
    }
  })
})
