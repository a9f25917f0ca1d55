import { setTimeout as pause } from 'node:timers/promises'
import * as decoding from 'lib0/decoding'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { until } from '../parts/until.ts'
import { metricsOf } from './parts/ask.ts'
import { startServer } from './parts/own-server.ts'
import { openDocument } from './parts/providers.ts'
import { connectDocument, varint } from './parts/raw-document.ts'

/** An update in which a client appends a text at a clock; from clock 1 on behind what it wrote before. */
function appendOf(client: number, clock: number, text: string): Uint8Array {
  const content = Buffer.from(text)
  const place =
    clock === 0
      ? Uint8Array.of(4, 1, 1, 0x74)
      : Buffer.concat([Uint8Array.of(0x84), varint(client), varint(clock - 1)])
  const head = Buffer.concat([Uint8Array.of(1, 1), varint(client), varint(clock), place])
  const update = Buffer.concat([head, varint(content.length), content, Uint8Array.of(0)])
  return Buffer.concat([varint(update.length), update])
}

describe('many at once', () => {
  test('400-writers-one-doc: each gets its acknowledgement, and all have the same', async () => {
    // Server and clients share this process: on a slow machine the last would be told to come again.
    const { url } = await startServer({ limits: { acceptLateMs: 60_000 } })
    const writers = await Promise.all(
      Array.from({ length: 400 }, async (_, index) => {
        const raw = await connectDocument(url, '')
        raw.send('d', 2, 0, '', '4.8.0')
        raw.send('d', 0, 0, 1, 0)
        raw.send('d', 0, 2, appendOf(1_000 + index, 0, `<${index}>`))
        return raw
      }),
    )
    await until(
      'each is acknowledged',
      () => writers.every(({ frames }) => frames.includes('01640801')),
      60_000,
    )
    const reader = await openDocument('y-websocket 3.1', url, 'd')
    const found = reader.text.toString()
    for (let index = 0; index < 400; index += 1) expect(found).toContain(`<${index}>`)
  }, 120_000)

  test('slow-reader-bounded: a stalled reader is left to read from the log, and misses nothing', async () => {
    const { url } = await startServer()
    const stalled = await connectDocument(url, '/d')
    stalled.send(0, 0, 1, 0)
    await stalled.find('0001')
    stalled.socket.pause()
    const writer = await connectDocument(url, '')
    writer.send('d', 2, 0, '', '4.8.0')
    writer.send('d', 0, 0, 1, 0)
    await writer.find('0164000102')
    const text = 'x'.repeat(20_000)
    for (let index = 0; index < 400; index += 1) {
      writer.send('d', 0, 2, appendOf(77, index * text.length, text))
    }
    const acknowledged = () => writer.frames.filter((frame) => frame === '01640801').length
    await until('all is saved', () => acknowledged() === 400, 60_000)
    await until('the reader was left behind', async () =>
      /^rusher_readers_lagged_total [1-9]/m.test(await metricsOf(url)),
    )
    stalled.socket.resume()
    // How much the kernel takes for it differs, and so do the frames; applied they are the document.
    const copy = new Y.Doc()
    let applied = 0
    await until(
      'it has all of it',
      () => {
        for (; applied < stalled.frames.length; applied += 1) {
          const decoder = decoding.createDecoder(Buffer.from(stalled.frames[applied] ?? '', 'hex'))
          const isSync = decoding.readVarUint(decoder) === 0
          if (!isSync || decoding.readVarUint(decoder) === 0) continue
          Y.applyUpdate(copy, decoding.readVarUint8Array(decoder))
        }
        return copy.getText('t').length === 400 * text.length
      },
      60_000,
    )
    expect(stalled.close).toBeUndefined()
  }, 120_000)

  test('joiners of a large document share its parts, and the server goes on acknowledging meanwhile', async () => {
    const { url } = await startServer()
    const writer = await openDocument('Hocuspocus 4', url, 'd')
    for (let index = 0; index < 60; index += 1) writer.text.insert(0, 'word '.repeat(2_000))
    await until('it is saved', () => writer.saved === true, 30_000)
    const joiners = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const raw = await connectDocument(url, '/d')
        raw.send(0, 0, 1, 0)
        return raw
      }),
    )
    writer.text.insert(0, 'meanwhile')
    await until('all are in step', () =>
      joiners.every(({ frames }) => frames.some((frame) => frame.startsWith('0001'))),
    )
    await until('it is saved too', () => writer.saved === true)
    const sizes = joiners.map(({ frames }) => frames.reduce((sum, frame) => sum + frame.length, 0))
    expect(Math.min(...sizes)).toBeGreaterThan(2 * 600_000)
  }, 60_000)

  test('a connection opens as many documents as it may, and the next is denied with a reason', async () => {
    const { url } = await startServer({ limits: { socketDocumentsMax: 3 } })
    const raw = await connectDocument(url, '')
    for (const name of ['a', 'b', 'c', 'd']) raw.send(name, 2, 0, '', '4.8.0')
    const denied = await raw.find('01640201')
    expect(Buffer.from(denied, 'hex').toString()).toContain('too many documents')
    for (const name of ['61', '62', '63']) await raw.find(`01${name}0202`)
    expect(raw.close).toBeUndefined()
  })

  test('reconnect-storm: a hundred who come at once after the server was away are all in step again', async () => {
    const { url } = await startServer()
    const clients = await Promise.all(
      Array.from({ length: 100 }, () =>
        openDocument('y-websocket 3.0', url, 'd', { impatient: true }),
      ),
    )
    await until('all are in step', () => clients.every(({ synced }) => synced), 30_000)
    for (const client of clients) client.disconnect()
    await pause(50)
    for (const client of clients) client.connect()
    clients[0]?.text.insert(0, 'after the storm')
    await until(
      'all have it',
      () => clients.every(({ text }) => text.toString() === 'after the storm'),
      30_000,
    )
  }, 90_000)
})
